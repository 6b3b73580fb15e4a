# limit.awk: how many keys count at the end of each batch of a journal, of one
# account and type: "MOST ALIVE COUNTING", expired ones among the alive.  A key
# counts while it lives, unless it was rotated and its successor lives and was
# not rotated itself.  Exits 1 where more than -v limit= count, or a key gets a
# successor while it has one that lives, or is one of a key that lives.  With
# threads=1 one that is rotated may have been deleted just before: among threads
# of a process both began before either was written.
BEGIN { FS = ":" }

function over(why) {
	print FILENAME ":" NR ": " why
	bad = 1
	exit 1
}

function detail(name,	i) {
	for (i = 8; i <= NF; i++)
		if (index($i, name "=") == 1)
			return substr($i, length(name) + 2)
	return ""
}

function lives(id) {
	return id in alive && (ends[id] == "" || now < ends[id])
}

function count(	id, k) {
	for (id in alive)
		k += lives(id) && !(lives(heir[id]) && heir[heir[id]] == "")
	return k + 0
}

NR > 1 { now = $3 }
$4 == "generate" {
	alive[$7] = 1
	ends[$7] = detail("expires")
	elder[$7] = detail("replaces")
}
$4 == "delete" { delete alive[$7] }
$4 == "expire" {
	by = detail("successor")
	if (by != "" && lives(heir[$7]))
		over("a second successor of " $7)
	if (by != "" && !lives($7) && !threads)
		over("a successor of " $7 ", which is over")
	if (by != "" && lives(elder[$7]))
		over("a successor of " $7 ", whose elder lives")
	heir[$7] = by
	ends[$7] = detail("expires")
}
NR > 1 && $1 == $2 {
	n = count()
	if (n > limit)
		over(n " keys count")
	if (n > most)
		most = n
}
END {
	if (bad)
		exit 1
	for (id in alive)
		living++
	print most + 0, living + 0, n + 0
}
