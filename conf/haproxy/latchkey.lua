-- latchkey.lua: asks latchkeyd whether a request may pass, by HAProxy's own
-- HTTP client.  In a frontend, the socket behind it:
--	http-request lua.latchkey unix@/run/latchkey/verify.sock
-- txn.latchkey is 200 when it may, else the status for the caller; 503 whenever
-- that is not certain.

local WAIT = 500			-- milliseconds; it tries four times

-- What is of the connection alone, or what we say ourselves.  No key is in a
-- cookie, and long ones would not fit into latchkeyd's "head".
local kept = {
	["connection"] = true, ["content-length"] = true,
	["cookie"] = true, ["expect"] = true,
	["host"] = true, ["keep-alive"] = true, ["te"] = true,
	["transfer-encoding"] = true, ["upgrade"] = true,
	["x-original-method"] = true, ["x-original-uri"] = true,
	["x-original-address"] = true,
}

local told = { "key", "account", "type", "api" }

local function one(headers, name)
	local v = headers and headers[name]
	return v and v[0] or nil
end

local function question(txn)
	local h = { ["host"] = { "latchkey" } }
	for name, values in pairs(txn.http:req_get_headers()) do
		if not kept[name] then
			h[name] = {}
			for i = 0, #values do
				h[name][i + 1] = values[i]
			end
		end
	end
	h["x-original-method"] = { txn.f:method() }
	h["x-original-uri"] = { txn:get_var("txn.latchkey_target") }
	h["x-original-address"] = { txn.f:src() }
	return h
end

local function ask(txn, socket)
	local rq = { url = "http://127.0.0.1/auth", dst = socket,
	    timeout = WAIT, headers = question(txn) }
	local body = txn.f:req_body()
	local client = core.httpclient()
	if body and #body > 0 then
		-- What is there of a longer one could be read as a whole one;
		-- with a NUL behind it, it is no JSON.
		local whole = txn:get_var("txn.latchkey_whole")
		rq.body = whole and body or body .. "\0"
		return client:post(rq)
	end
	return client:get(rq)
end

core.register_action("latchkey", { "http-req" }, function(txn, socket)
	txn:set_var("txn.latchkey", 503)
	local ok, r = pcall(ask, txn, socket)
	if not ok or not r or not r.headers then
		return
	end
	local status = r.status
	for _, name in ipairs(told) do
		local v = one(r.headers, "latchkey-" .. name)
		if status == 200 and not v then
			return
		end
		txn:set_var("txn.latchkey_" .. name, v or "")
	end
	txn:set_var("txn.latchkey_challenge",
	    one(r.headers, "www-authenticate") or "")
	txn:set_var("txn.latchkey_retry", one(r.headers, "retry-after") or "1")
	for _, name in ipairs({ "ratelimit", "ratelimit-policy" }) do
		local v = one(r.headers, name)
		if v then
			txn:set_var("txn.latchkey_" .. name:gsub("-", "_"), v)
		end
	end
	-- A head over a limit of latchkeyd, and the like, is no better later.
	if status > 403 and status < 500 and status ~= 429 then
		status = 400
	end
	if status == 200 or status == 400 or status == 401 or
	    status == 403 or status == 429 then
		txn:set_var("txn.latchkey", status)
	end
end, 1)
