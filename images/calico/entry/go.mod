module k0s/images/calico/entry

go 1.23
