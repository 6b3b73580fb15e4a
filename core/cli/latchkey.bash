# bash completion for latchkey(1).
# shellcheck shell=bash

# The types of the policy, when it can be read; a latchkeyd may have to be asked.
_latchkey_types() {
	latchkey types --timeout 2s "$@" 2>/dev/null | sed '1d;s/ .*//'
}

_latchkey() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local i word verb='' home=() words='' common='--home --json --help'
	local remote='--server --token-file --server-ca --timeout'

	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--home)
			home=(--home "${COMP_WORDS[++i]}") ;;
		--accept | --anchor | --account | --label | --expires | \
		    --allow | --package | --verifiers | --plugins | \
		    --options | --sign | --policy | --store | --type | \
		    --method | --header | --body | --address | --count | \
		    --pid | --server | --token-file | --server-ca | --timeout | \
		    --format | -X | -H)
			((i++)) ;;
		-*) ;;
		*)
			case $verb in
			'' | account | pepper | policy | plugin | store | help)
				verb=${verb:+$verb }$word ;;
			esac ;;
		esac
	done
	COMPREPLY=()

	case $prev in
	--home | --plugins | --store)
		compopt -o dirnames
		return ;;
	--body | --options | --policy | --pid | --token-file | --server-ca)
		compopt -o default
		return ;;
	--verifiers)
		mapfile -t COMPREPLY < <(compgen -g -- "$cur")
		return ;;
	--type)
		words=$(_latchkey_types "${home[@]}")
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return ;;
	--format)
		mapfile -t COMPREPLY < <(compgen -W "csv jsonl" -- "$cur")
		return ;;
	-X | --method)
		words='GET HEAD POST PUT PATCH DELETE OPTIONS'
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return ;;
	--account | --label | --expires | --not-before | --grace | \
	    --older-than | --expiring | --unused | --server | --timeout | \
	    --allow | --package | --header | --count | --address | --sign | -H)
		return ;;
	esac

	case $verb in
	'' | help)
		words='init types generate list show delete rotate disable enable
		    prune import export verify scan account reload pepper policy
		    plugin store help'
		[ "$verb" = help ] || words+=' --version' ;;
	rotate) words="--grace --accept-clock $remote" ;;
	account) words='set list delete' ;;
	policy) words='check explain' ;;
	plugin) words='list show check pin' ;;
	pepper) words='status rotate retire' ;;
	store) words='check compact log rebuild repair restore' ;;
	init) words='--verifiers --plugins' ;;
	generate) words="--account --label --expires --not-before --allow --role
	    --count --accept-clock $remote
	    $(_latchkey_types "${home[@]}")" ;;
	prune) words="--older-than --account --dry-run --store
	    $(_latchkey_types "${home[@]}")" ;;
	list) words="--account --all --expiring --unused --store $remote
	    $(_latchkey_types "${home[@]}")" ;;
	reload) words=--pid ;;
	pepper\ status) words=--keys ;;
	pepper\ retire) words=--delete-keys ;;
	store\ restore)
		words=--accept-loss
		compopt -o default ;;
	store\ repair) words=--accept ;;
	store\ compact) words='--discard --only-discard' ;;
	import)
		words='--format --dry-run --skip-bad --accept-clock'
		compopt -o default ;;
	export) words="--account --format $(_latchkey_types "${home[@]}")" ;;
	store\ check) words='--store --anchor' ;;
	show | delete | disable | store\ log) words="--store $remote" ;;
	enable) words=$remote ;;
	scan)
		words="--type --disable"
		compopt -o default ;;
	verify) words='--method --header --body --address --type --account
	    --consume --explain -X -H'
		words+=" $remote" ;;
	'account set') words="--package $remote" ;;
	'account delete') words="--delete-keys $remote" ;;
	'policy check')
		words='--plugins --store'
		compopt -o default ;;
	'policy explain')
		words='GET HEAD POST PUT PATCH DELETE OPTIONS --policy --plugins' ;;
	'plugin show') words=--plugins ;;
	'plugin check')
		words='--options --sign --plugins'
		compopt -o default ;;
	'plugin pin')
		words=--plugins
		compopt -o default ;;
	types | account\ list) words=$remote ;;
	plugin\ list) ;;
	*) return ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words $common" -- "$cur")
}

complete -F _latchkey latchkey
