# conf: the annotated default policy.

dist_pkgdata_DATA += conf/policy.yaml
