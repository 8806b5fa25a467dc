// The packed file as the launcher sees it: trailer, index, parts. Format: docs of src/payload/index-schema.ts.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
)

const (
	trailerSize  = 64
	trailerMagic = "k0s-pack"
	indexFormat  = 1
	maxIndexSize = 16 << 20
	maxFrameSize = 16 << 20
)

// The packer writes the size of the whole file over the digits, so that a truncated file can say what is missing.
var sizeStamp = []byte("k0s-file-size:00000000000000000000")

type frame struct {
	Stored int64  `json:"stored"`
	Raw    int64  `json:"raw"`
	SHA256 string `json:"sha256"`
	Form   string `json:"form"`
}

type interpreter struct {
	Offset int64 `json:"offset"`
	Length int   `json:"length"`
}

type partFile struct {
	Path        string       `json:"path"`
	Size        int64        `json:"size"`
	Mode        uint32       `json:"mode"`
	SHA256      string       `json:"sha256"`
	Interpreter *interpreter `json:"interpreter"`
}

type partLink struct {
	Path   string `json:"path"`
	Target string `json:"target"`
}

type part struct {
	Name   string     `json:"name"`
	Kind   string     `json:"kind"`
	SHA256 string     `json:"sha256"`
	Size   int64      `json:"size"`
	Offset int64      `json:"offset"`
	Stored int64      `json:"stored"`
	Loader string     `json:"loader"`
	Filter string     `json:"filter"`
	Frames []frame    `json:"frames"`
	Files  []partFile `json:"files"`
	Links  []partLink `json:"links"`
}

type index struct {
	Format int    `json:"format"`
	Target string `json:"target"`
	Parts  []part `json:"parts"`
}

type pack struct {
	file   *os.File
	path   string
	index  index
	sha256 string
}

// damage is a part that is not what the index says. It names the part.
type damage struct {
	part   string
	reason string
}

func (d *damage) Error() string {
	return fmt.Sprintf("the file is damaged in part %q: %s", d.part, d.reason)
}

// tell says on standard error what is wrong and, for a damaged file, what to do.
func tell(err error) {
	fmt.Fprintf(os.Stderr, "Error: %v\n", err)
	var d *damage
	if errors.As(err, &d) {
		fmt.Fprintln(os.Stderr, "Get the k0s file again and compare its SHA-256 with the published one")
	}
}

// openPack reads the trailer and the index of the file, and nothing else.
func openPack(file *os.File, path string) (*pack, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size()
	if want := stampedSize(); want > 0 && size < want {
		return nil, &damage{"trailer", fmt.Sprintf("truncated, %d of %d bytes are there", size, want)}
	}
	if size < trailerSize {
		return nil, &damage{"trailer", "there is none"}
	}
	trailer := make([]byte, trailerSize)
	if _, err := file.ReadAt(trailer, size-trailerSize); err != nil {
		return nil, err
	}
	if string(trailer[:8]) != trailerMagic {
		return nil, &damage{"trailer", "not found at the end of the file"}
	}
	offset := int64(binary.LittleEndian.Uint64(trailer[8:]))
	length := int64(binary.LittleEndian.Uint64(trailer[16:]))
	if total := int64(binary.LittleEndian.Uint64(trailer[56:])); total != size {
		return nil, &damage{"trailer", fmt.Sprintf("the file has %d bytes, it should have %d", size, total)}
	}
	if length <= 0 || length > maxIndexSize || offset < 0 || offset+length > size-trailerSize {
		return nil, &damage{"trailer", "it points outside of the file"}
	}
	text := make([]byte, length)
	if _, err := file.ReadAt(text, offset); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	if !bytes.Equal(sum[:], trailer[24:56]) {
		return nil, &damage{"index", "its SHA-256 is not the one in the trailer"}
	}
	p := &pack{file: file, path: path, sha256: hex.EncodeToString(sum[:])}
	if err := json.Unmarshal(text, &p.index); err != nil {
		return nil, &damage{"index", err.Error()}
	}
	if p.index.Format != indexFormat {
		return nil, &damage{"index", fmt.Sprintf("format %d is not known", p.index.Format)}
	}
	return p, nil
}

func (p *pack) part(name string) (*part, error) {
	for i := range p.index.Parts {
		if p.index.Parts[i].Name == name {
			return &p.index.Parts[i], nil
		}
	}
	return nil, fmt.Errorf("the file has no part %q", name)
}

// readFrame reads the stored bytes of a frame into buf.
func (p *pack) readFrame(name string, offset int64, buf []byte) error {
	if _, err := p.file.ReadAt(buf, offset); err != nil {
		if err == io.EOF {
			return &damage{name, "the file ends inside of it"}
		}
		return fmt.Errorf("read part %q: %w", name, err)
	}
	return nil
}

func stampedSize() int64 {
	_, digits, _ := strings.Cut(string(sizeStamp), ":")
	size, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0
	}
	return size
}
