"""The graph judged by other people's tools: audits, linters, code generators, fuzzers."""
