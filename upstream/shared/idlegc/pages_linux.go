package idlegc

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// dropFilePages unmaps the pages of the program's file: what a start has needed and nothing asks for again then belongs to
// the page cache alone, which the kernel takes back first. What is still needed is mapped again by the next access, without
// a read from the disk as long as it is cached. An error costs nothing but that.
func dropFilePages() {
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	for _, one := range clean(string(smaps)) {
		// The kernel checks the range; of pages that equal their file nothing is lost.
		_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, one.start, one.end-one.start, syscall.MADV_DONTNEED)
	}
}

type mapping struct{ start, end uintptr }

// clean finds the mappings of files that nobody can have written to: read-only now, and without a page of their own, in
// memory or swapped out.
func clean(smaps string) []mapping {
	var (
		found   []mapping
		present mapping
		isOne   bool
	)
	for _, line := range strings.Split(smaps, "\n") {
		words := strings.Fields(line)
		if len(words) >= 5 && !strings.HasSuffix(words[0], ":") {
			present, isOne = header(words)
			continue
		}
		switch {
		case !isOne || len(words) != 3:
		case words[0] == "Anonymous:":
			isOne = words[1] == "0"
		case words[0] == "Swap:" && words[1] == "0":
			// Comes after the other one: what is swapped out is not among the anonymous pages.
			found = append(found, present)
		}
	}
	return found
}

func header(words []string) (mapping, bool) {
	from, to, hasRange := strings.Cut(words[0], "-")
	start, err := strconv.ParseUint(from, 16, 64)
	end, endErr := strconv.ParseUint(to, 16, 64)
	isClean := words[1] == "r-xp" || words[1] == "r--p"
	isFile := len(words) >= 6 && strings.HasPrefix(words[5], "/")
	if !hasRange || err != nil || endErr != nil || !isClean || !isFile {
		return mapping{}, false
	}
	return mapping{uintptr(start), uintptr(end)}, true
}
