//go:build linux

// How much room a file system has for us, and the error that says how much is missing.
package main

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

const (
	stNoExec   = 0x8
	stReadOnly = 0x1
	blockSize  = 4096
)

type noSpace struct {
	dir     string
	missing int64
}

func (n *noSpace) Error() string {
	return fmt.Sprintf("no space left in %s: %d bytes are missing", n.dir, n.missing)
}

// requireSpace fails before anything is written when the file system of dir cannot take need bytes.
func requireSpace(dir string, need int64) error {
	available, err := availableBytes(dir)
	if err != nil {
		return err
	}
	if available < need {
		return &noSpace{dir, need - available}
	}
	return nil
}

func availableBytes(dir string) (int64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, fmt.Errorf("statfs %s: %w", dir, err)
	}
	blocks := fs.Bavail
	if os.Geteuid() == 0 {
		blocks = fs.Bfree
	}
	return int64(blocks) * int64(fs.Bsize), nil
}

// neededBytes is what a part takes on disk, rounded up to blocks.
func neededBytes(p *part) int64 {
	need := int64(len(p.Links)+2) * blockSize
	for _, f := range p.Files {
		need += (f.Size + blockSize - 1) / blockSize * blockSize
	}
	return need
}

func isNoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
