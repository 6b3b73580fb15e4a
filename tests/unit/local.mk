# tests/unit: cmocka, one group a program, linked with the library's inside.
# unit_tests += tests/unit/test_NAME

LDADD = libcore.la $(CMOCKA_LIBS)
EXTRA_DIST += tests/unit/table.h

unit_tests += tests/unit/test_decision
unit_tests += tests/unit/test_verify
unit_tests += tests/unit/test_verify_quiet
unit_tests += tests/unit/test_buf
unit_tests += tests/unit/test_digest
unit_tests += tests/unit/test_digest_threads
unit_tests += tests/unit/test_err
unit_tests += tests/unit/test_io
unit_tests += tests/unit/test_net
unit_tests += tests/unit/test_pepper
unit_tests += tests/unit/test_text
unit_tests += tests/unit/test_text_time
unit_tests += tests/unit/test_token
unit_tests += tests/unit/test_token_random
unit_tests += tests/unit/test_trust
unit_tests += tests/unit/test_wipe

EXTRA_DIST += tests/unit/policy_file.h
EXTRA_DIST += tests/data/policies/design.yaml
EXTRA_DIST += tests/data/policies/right.txt
EXTRA_DIST += tests/data/policies/wrong.txt
unit_tests += tests/unit/test_policy
unit_tests += tests/unit/test_policy_hostile
unit_tests += tests/unit/test_policy_wrong
unit_tests += tests/unit/test_route

EXTRA_DIST += tests/unit/plugin_file.h tests/unit/plugin_host.h
unit_tests += tests/unit/test_json
unit_tests += tests/unit/test_loader
unit_tests += tests/unit/test_loader_answers
unit_tests += tests/unit/test_loader_many
unit_tests += tests/unit/test_loader_options
unit_tests += tests/unit/test_loader_shake
unit_tests += tests/unit/test_loader_threads
unit_tests += tests/unit/test_loader_trust
unit_tests += tests/unit/test_plugins_calls
unit_tests += tests/unit/test_plugins_signed
unit_tests += tests/unit/test_plugins_types

EXTRA_DIST += tests/unit/faulty_io.h
EXTRA_DIST += tests/unit/store_home.h
unit_tests += tests/unit/test_budget
unit_tests += tests/unit/test_store_chain
unit_tests += tests/unit/test_store_cost
unit_tests += tests/unit/test_store_damage
unit_tests += tests/unit/test_store_doubt
unit_tests += tests/unit/test_store_fault
unit_tests += tests/unit/test_store_kill
unit_tests += tests/unit/test_store_line
unit_tests += tests/unit/test_store_lock
unit_tests += tests/unit/test_store_many
unit_tests += tests/unit/test_store_open
unit_tests += tests/unit/test_store_overlay
unit_tests += tests/unit/test_store_replaced
unit_tests += tests/unit/test_store_settle
unit_tests += tests/unit/test_store_state
unit_tests += tests/unit/test_store_tail
unit_tests += tests/unit/test_store_threads
unit_tests += tests/unit/test_store_write
unit_tests += tests/unit/test_usage
unit_tests += tests/unit/test_usage_file
unit_tests += tests/unit/test_usage_race
