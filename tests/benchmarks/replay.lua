-- Sends the requests of the file named first, one after the other, over and over; prints its count
-- and latencies as one line of JSON. With a number named second it sends no more after so many answers.
local requests, turn, answered = {}, 0, 0

function init(arguments)
  for line in io.lines(arguments[1]) do
    local method, path, headers, body = line:match("^(%S+)\t(%S+)\t([^\t]*)\t(.*)$")
    local named = {}
    for name, value in headers:gmatch("([^:|]+): ([^|]+)") do
      named[name] = value
    end
    requests[#requests + 1] = wrk.format(method, path, named, body ~= "" and body or nil)
  end
  local most = tonumber(arguments[2])
  if most then
    -- Only where it is wanted: wrk reads headers and bodies for it.
    function response()
      answered = answered + 1
      if answered >= most then
        wrk.thread:stop()
      end
    end
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "microseconds": %d, "p50": %f, "p99": %f, "errors": %d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
