# includes.awk: the arrows between the folders (see the map in the design).
#
#	cd TREE && find core plugins -name '*.[ch]' | sort |
#	    xargs awk -f includes.awk
#
# Prints FILE:LINE: why, a line each; nothing when all is well.

BEGIN {
	# layer -> the layers that it may include, besides itself.  The two
	# installed headers are leaves that any layer of core may include.
	may["plugin.h"] = ""
	may["latchkey.h"] = "plugin.h"
	leaf = " latchkey.h plugin.h "
	may["base"] = leaf
	may["json"] = leaf "base"
	may["decision"] = leaf "base"
	may["token"] = leaf "base"
	may["store"] = may["policy"] = may["loader"] = leaf "token base"
	may["conform"] = leaf "policy loader token base json"
	may["snapshot"] = leaf "policy loader store token base json decision"
	may["api"] = may["snapshot"] " snapshot"
	may["show"] = "latchkey.h base"
	may["remote"] = leaf "base"
	may["cli"] = "latchkey.h base show json remote"
	may["daemon"] = "latchkey.h base show json"
	may["plugin"] = "plugin.h"

	# A library's header has one home.
	home["curl/curl.h"] = "^core/remote/http\\.c$"
	home["gcrypt.h"] = "^core/token/digest\\.c$"
	home["jansson.h"] = "^core/json\\.c$"
	home["microhttpd.h"] = "^core/daemon/http\\.c$"
	home["yaml.h"] = "^core/policy/[a-z0-9_]*\\.c$"
}

function layer(f,	p)
{
	if (f == "core/plugin.h")
		return "plugin.h"
	if (f == "core/latchkey.h")
		return "latchkey.h"
	if (f ~ /^plugins\//)
		return "plugin"
	split(f, p, "/")
	if (f ~ /^core\/[a-z0-9_]+\//)
		return p[2]
	if (f ~ /^core\/(json|decision|snapshot)\.[ch]$/) {
		sub(/\.[ch]$/, "", p[2])
		return p[2]
	}
	if (f ~ /^core\/pools\.[ch]$/)
		return "snapshot"
	return "api"
}

# The file of ours that an include names, or "".
function resolve(from, name,	dir, path)
{
	dir = from
	sub(/\/[^\/]*$/, "", dir)
	path = dir "/" name
	if (path in ours)
		return path
	while (name ~ /^\.\.\//) {
		sub(/^\.\.\//, "", name)
		if (!sub(/\/[^\/]*$/, "", dir))
			dir = ""
	}
	path = (dir == "" ? "" : dir "/") name
	if (path in ours)
		return path
	path = "core/" name
	return path in ours ? path : ""
}

function complain(why)
{
	print at[i] ": " why
}

FNR == 1 {
	ours[FILENAME] = 1
}

/^[ \t]*#[ \t]*include/ {
	n++
	file[n] = FILENAME
	at[n] = FILENAME ":" FNR
	angle[n] = $0 ~ /</
	name[n] = $0
	gsub(/^[^"<]*["<]|[">].*$/, "", name[n])
}

END {
	for (i = 1; i <= n; i++) {
		from = layer(file[i])
		if (name[i] in home) {
			if (file[i] !~ home[name[i]])
				complain(name[i] " has another home")
			else if (user[name[i]] != "" &&
			    user[name[i]] != file[i])
				complain(name[i] " is used by " \
				    user[name[i]] " already")
			user[name[i]] = file[i]
			continue
		}
		# What configure found; a plugin builds without it.
		if (name[i] == "config.h" && from != "plugin")
			continue
		to = resolve(file[i], name[i])
		if (to == "") {
			if (!angle[i])
				complain(name[i] " is no file of ours")
			continue
		}
		to = layer(to)
		if (from == to && from != "plugin.h" && from != "latchkey.h")
			continue
		if (index(" " may[from] " ", " " to " ") == 0)
			complain(from " may not include " to)
	}
}
