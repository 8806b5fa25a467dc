module k0s/images/cni-plugins/install

go 1.23
