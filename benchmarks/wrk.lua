-- wrk -s wrk.lua URL -- BODIES TOKEN: posts the lines of the file BODIES in turn; the last line it prints is JSON.
local requests, turn = {}, 0

function init(args)
  wrk.method = "POST"
  wrk.headers["content-type"] = "application/json"
  wrk.headers["authorization"] = "Bearer " .. args[2]
  for line in io.lines(args[1]) do requests[#requests + 1] = wrk.format(nil, nil, nil, line) end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\n{"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"errors":%d,"bytes":%d}\n', summary.requests,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout, summary.bytes))
end
