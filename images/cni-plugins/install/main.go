// Puts the CNI plug-ins into the host's /opt/cni/bin, beside those that others put there and never over one: the installer
// container of kube-router runs it. The plug-ins are one executable with many names; on the host, too, they become links to one file.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	source = "/cni-plugins"
	host   = "/host/opt/cni/bin"
)

func main() {
	if err := install(); err != nil {
		fmt.Fprintln(os.Stderr, "installing CNI plug-ins:", err)
		os.Exit(1)
	}
}

func install() error {
	names, err := os.ReadDir(source)
	if err != nil {
		return err
	}
	first := ""
	installed := []string{}
	for _, entry := range names {
		target := filepath.Join(host, entry.Name())
		if _, err := os.Lstat(target); err == nil {
			continue
		}
		installed = append(installed, entry.Name())
		if first == "" {
			if err := copyFile(filepath.Join(source, entry.Name()), target); err != nil {
				return err
			}
			first = target
			continue
		}
		if err := os.Link(first, target); err != nil {
			return err
		}
	}
	return noteInstalled(host, "/opt/cni/bin", "kube-router-cni", installed)
}

// copyFile never leaves half a plug-in under its name.
func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	temporary := filepath.Join(filepath.Dir(to), ".cni-plugins.tmp")
	out, err := os.OpenFile(temporary, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return os.Rename(temporary, to)
}
