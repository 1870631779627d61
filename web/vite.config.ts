import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/** Writes NAME.br and NAME.gz beside every text file, so that the server never compresses anything itself. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    async writeBundle({ dir = '' }) {
      const folder = join(dir, 'static');
      const names = (await readdir(folder)).filter(name => /\.(js|css|svg|ttf)$/.test(name));
      await Promise.all(
        names.map(async name => {
          const path = join(folder, name);
          const content = await readFile(path);
          const params = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
          await Promise.all([
            brotli(content, { params }).then(result => writeFile(`${path}.br`, result)),
            deflate(content, { level: 9 }).then(result => writeFile(`${path}.gz`, result)),
          ]);
        }),
      );
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [precompress()],
  // ES-module workers are separate same-origin files, as the Content-Security-Policy wants them.
  worker: { format: 'es' },
  build: {
    assetsDir: 'static',
    // Nothing may become a data: URL: fonts and images come from /static like all else.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // React's "use client" marks in packages mean nothing here.
    rolldownOptions: {
      input: ['index.html', 'portal.html'].map(page => join(import.meta.dirname, page)),
      onwarn: (warning, show) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || show(warning),
    },
    // Monaco is one large chunk by nature.
    chunkSizeWarningLimit: 5000,
  },
});
