package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// install copies the executable once and links it to both plug-in names, where upstream's installer would copy and compare
// it twice; then upstream's installer writes kubeconfig and CNI configuration.
func install(dir string) error {
	target := filepath.Join(dir, "calico")
	current, err := upToDate(target)
	if err != nil {
		return err
	}
	if !current {
		if err := copyExecutable(target); err != nil {
			return fmt.Errorf("installing %s: %w", target, err)
		}
	}
	if err := link(target, filepath.Join(dir, "calico-ipam")); err != nil {
		return err
	}
	if err := noteInstalled(dir, "/opt/cni/bin", "calico-cni", []string{"calico", "calico-ipam"}); err != nil {
		return err
	}
	return syscall.Exec(calico, []string{"calico-install"}, os.Environ())
}

// upToDate compares contents: sizes of two builds can be equal, and the image's files have no times.
func upToDate(target string) (bool, error) {
	source, err := os.Open(calico)
	if err != nil {
		return false, err
	}
	defer source.Close()
	copied, err := os.Open(target)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer copied.Close()
	return equal(source, copied)
}

func equal(a, b io.Reader) (bool, error) {
	const size = 1 << 20
	x, y := make([]byte, size), make([]byte, size)
	for {
		n, errA := io.ReadFull(a, x)
		m, errB := io.ReadFull(b, y)
		if n != m || string(x[:n]) != string(y[:m]) {
			return false, nil
		}
		if ended(errA) && ended(errB) {
			return true, nil
		}
		if errA != nil || errB != nil {
			return false, errors.Join(errA, errB)
		}
	}
}

func ended(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// copyExecutable never leaves half a plug-in under its name, and replaces one that is being executed.
func copyExecutable(target string) error {
	source, err := os.Open(calico)
	if err != nil {
		return err
	}
	defer source.Close()
	temporary := filepath.Join(filepath.Dir(target), ".calico.tmp")
	copied, err := os.OpenFile(temporary, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(copied, source)
	if err = errors.Join(err, copied.Close()); err != nil {
		return errors.Join(err, os.Remove(temporary))
	}
	return os.Rename(temporary, target)
}

func link(target, name string) error {
	temporary := filepath.Join(filepath.Dir(name), ".calico-ipam.tmp")
	if err := os.Remove(temporary); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Link(target, temporary); err != nil {
		return err
	}
	if err := os.Rename(temporary, name); err != nil {
		return err
	}
	// Renaming a name onto another name of the same file does nothing, and leaves the first.
	if err := os.Remove(temporary); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
