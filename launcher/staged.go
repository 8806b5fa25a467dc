//go:build linux

// Which directories are runtimes that a launcher has unpacked: the only ones that it may remove.
package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
)

var runtimeName = regexp.MustCompile(`^[0-9a-f]{64}$`)

// A record is a few hundred bytes; what is larger is none.
const longestRecord = 1 << 20

// isStagedRuntime tells whether dir, a real path, was made by a launcher: its record lies in it, is about this very place, or
// about a former one from which a link leads here, and nothing else is there. A name alone proves nothing: container engines name their directories likewise.
func isStagedRuntime(dir string, euid int) bool {
	name := filepath.Base(dir)
	path := filepath.Join(dir, recordName(runtimePart))
	if !runtimeName.MatchString(name) || checkOwned(dir, euid) != nil || checkOwned(path, euid) != nil {
		return false
	}
	r, ok := readRecord(path)
	return ok && r.Part == runtimePart && r.SHA256 == name && leadsTo(r.Dir, dir) && holdsOnly(dir, r.Files)
}

// leadsTo is true if path is dir, which is a real path, or if symbolic links make it so.
func leadsTo(path, dir string) bool {
	if path == dir {
		return true
	}
	real, err := filepath.EvalSymlinks(path)
	return err == nil && filepath.IsAbs(path) && real == dir
}

func readRecord(path string) (record, bool) {
	var r record
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > longestRecord {
		return r, false
	}
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return r, false
	}
	defer file.Close()
	return r, json.NewDecoder(file).Decode(&r) == nil
}

// holdsOnly is true if every file below dir is in the list, or is the record. Links, which lead to files, are not listed.
func holdsOnly(dir string, files []recordFile) bool {
	sizes := map[string]int64{}
	for _, f := range files {
		sizes[f.Path] = f.Size
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || e.Type()&fs.ModeSymlink != 0 {
			return err
		}
		below, err := filepath.Rel(dir, path)
		if err != nil || below == recordName(runtimePart) {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if size, known := sizes[below]; !known || !e.Type().IsRegular() || info.Size() != size {
			return fs.ErrExist
		}
		return nil
	})
	return err == nil && len(files) > 0
}
