// What was installed, noted beside it in the way of the launcher's records: `k0s reset` deletes exactly these files, as long
// as nobody has replaced them.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

type record struct {
	Part   string       `json:"part"`
	SHA256 string       `json:"sha256"`
	Dir    string       `json:"dir"`
	Files  []recordFile `json:"files"`
}

type recordFile struct {
	Path    string `json:"path"`
	Size    int64  `json:"size"`
	MtimeNs string `json:"mtimeNs"`
}

// noteInstalled adds the names to the record of what lies in dir, which is seen as hostDir outside of the container.
func noteInstalled(dir, hostDir, part string, names []string) error {
	path := filepath.Join(dir, ".part-"+part+".json")
	files, err := stillThere(dir, path)
	if err != nil {
		return err
	}
	for _, name := range names {
		file, err := describe(dir, name)
		if err != nil {
			return err
		}
		files[name] = file
	}
	r := record{Part: part, Dir: hostDir, Files: make([]recordFile, 0, len(files))}
	for _, file := range files {
		r.Files = append(r.Files, file)
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	temporary := path + ".tmp"
	if err := os.WriteFile(temporary, append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// stillThere gives the entries of an earlier record whose files nobody has replaced. A broken record counts as none.
func stillThere(dir, path string) (map[string]recordFile, error) {
	files := map[string]recordFile{}
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return files, nil
	}
	if err != nil {
		return nil, err
	}
	var before record
	if json.Unmarshal(text, &before) != nil {
		return files, nil
	}
	for _, file := range before.Files {
		if now, err := describe(dir, file.Path); err == nil && now == file {
			files[file.Path] = file
		}
	}
	return files, nil
}

func describe(dir, name string) (recordFile, error) {
	info, err := os.Lstat(filepath.Join(dir, name))
	if err != nil {
		return recordFile{}, err
	}
	return recordFile{name, info.Size(), fmt.Sprint(info.ModTime().UnixNano())}, nil
}
