module k0s/components/shared

go 1.23.8
