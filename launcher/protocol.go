// What the unpack mode is told and tells: steps as JSON from standard input, events as JSON lines on standard output. The other
// end is src/payload/unpacker.ts.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"
)

type step struct {
	Part string `json:"part"`
	Dir  string `json:"dir"`
	Own  bool   `json:"own"` // dir belongs to this part alone and is replaced as a whole
	UID  int    `json:"uid"`
	GID  int    `json:"gid"`
}

type event struct {
	Event   string       `json:"event"`
	Part    string       `json:"part,omitempty"`
	Done    int64        `json:"done,omitempty"`
	Size    int64        `json:"size,omitempty"`
	Files   []recordFile `json:"files,omitempty"`
	Code    string       `json:"code,omitempty"`
	Message string       `json:"message,omitempty"`
	Missing int64        `json:"missing,omitempty"`
}

type recordFile struct {
	Path  string `json:"path"`
	Size  int64  `json:"size"`
	MTime string `json:"mtimeNs"`
}

// record is left beside the files, and says that they are there and whole.
type record struct {
	Part   string       `json:"part"`
	SHA256 string       `json:"sha256"`
	Dir    string       `json:"dir"`
	Files  []recordFile `json:"files"`
}

func recordName(part string) string {
	return ".part-" + part + ".json"
}

var replaced = event{Event: "error", Code: "replaced", Message: "the file was replaced"}

// isReplaced tells whether the asking runtime comes from another file than this one.
func isReplaced(p *pack) bool {
	want := os.Getenv("K0S_INDEX")
	return want != "" && want != p.sha256
}

func readSteps(in io.Reader) ([]step, error) {
	var steps []step
	if err := json.NewDecoder(in).Decode(&steps); err != nil {
		return nil, fmt.Errorf("read the steps: %w", err)
	}
	return steps, nil
}

// emitter returns what reports events, from several workers at once.
func emitter(out io.Writer) func(event) {
	var mu sync.Mutex
	encoder := json.NewEncoder(out)
	return func(e event) {
		mu.Lock()
		defer mu.Unlock()
		_ = encoder.Encode(e) // nobody listens any more: the files matter, not the report
	}
}
