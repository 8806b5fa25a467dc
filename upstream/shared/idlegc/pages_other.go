//go:build !linux

package idlegc

// dropFilePages does nothing: only Linux is asked for it.
func dropFilePages() {}
