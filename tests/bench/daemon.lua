-- daemon.lua: for wrk: each request with another of the tokens in $TOKENS.
-- $PLACE is auth (latchkeyd's own question) or gateway (what a caller sends);
-- $DELAY milliseconds pass between two requests of a connection.
local tokens, n, requests = {}, 0, {}
local delay_ms = tonumber(os.getenv("DELAY") or "0")

function init()
	local place = os.getenv("PLACE")
	for token in io.lines(os.getenv("TOKENS")) do
		local h = { ["Authorization"] = "Bearer " .. token }
		if os.getenv("BASIC") then
			h["Authorization"] = "Basic " .. os.getenv("BASIC")
		end
		local path = "/v2/single/7"
		if place == "auth" then
			h["X-Original-Method"] = "POST"
			h["X-Original-URI"] = path
			path = "/auth"
		end
		requests[#requests + 1] = wrk.format("GET", path, h)
	end
end

function request()
	n = n % #requests + 1
	return requests[n]
end

if delay_ms > 0 then
	function delay()
		return delay_ms
	end
end
