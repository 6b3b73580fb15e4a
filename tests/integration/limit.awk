# limit.awk: how many keys count at the end of each batch of a journal, of one
# account and type, none of which expires by itself: "MOST ALIVE COUNTING".
# Exits 1 where more than -v limit= count, or a key gets two successors.
BEGIN { FS = ":" }

function over(why) {
	print FILENAME ":" NR ": " why
	bad = 1
	exit 1
}

$4 == "generate" { alive[$7] = counts[$7] = 1; n++; living++ }
$4 == "delete" && alive[$7] {
	n -= counts[$7]
	alive[$7] = counts[$7] = 0
	living--
}
$4 == "expire" && /:successor=/ {
	if (heir[$7]++)
		over("a second successor of " $7)
	if (!alive[$7])
		over("a successor of " $7 ", which is deleted")
	n -= counts[$7]
	counts[$7] = 0
}
NR > 1 && $1 == $2 {
	if (n > limit)
		over(n " keys count")
	if (n > most)
		most = n
}
END {
	if (bad)
		exit 1
	print most, living, n
}
