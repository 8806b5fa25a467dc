package idlegc

import (
	"os"
	"regexp"
	"strconv"
	"testing"
)

func TestOnlyWhatEqualsTheFileIsDropped(t *testing.T) {
	smaps := `00400000-04714000 r-xp 00000000 fe:00 1212624                            /var/lib/k0s/bin/kubernetes
Rss:               68240 kB
Anonymous:             0 kB
Swap:                  0 kB
AnonHugePages:         0 kB
VmFlags: rd ex mr mw me sd
04714000-095e1000 r--p 04314000 fe:00 1212624                            /a directory/kubernetes (deleted)
Anonymous:             0 kB
Swap:                  0 kB
095e1000-0972d000 rw-p 091e1000 fe:00 1212624                            /var/lib/k0s/bin/kubernetes
Anonymous:             0 kB
Swap:                  0 kB
0972d000-0972e000 r--p 091e1000 fe:00 1212624                            /relocated
Anonymous:             4 kB
Swap:                  0 kB
0972d000-0972e000 r--p 091e1000 fe:00 1212624                            /relocated
Anonymous:             0 kB
Swap:                  4 kB
0972e000-0972f000 r--s 00000000 fe:00 7                                  /shared
Anonymous:             0 kB
Swap:                  0 kB
c000000000-c004000000 r--p 00000000 00:00 0 
Anonymous:             0 kB
Swap:                  0 kB
7ffc3cbf8000-7ffc3cbfa000 r-xp 00000000 00:00 0                          [vdso]
Anonymous:             0 kB
Swap:                  0 kB
`
	found := clean(smaps)
	want := []mapping{{0x00400000, 0x04714000}, {0x04714000, 0x095e1000}}
	if len(found) != len(want) || found[0] != want[0] || found[1] != want[1] {
		t.Fatalf("%x", found)
	}
}

func TestFilePagesAreDropped(t *testing.T) {
	before := fileKiB(t)
	dropFilePages()
	if after := fileKiB(t); after >= before {
		t.Fatalf("%d KiB before, %d after", before, after)
	}
}

func fileKiB(t *testing.T) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	figure := regexp.MustCompile(`(?m)^RssFile:\s+(\d+) kB$`).FindSubmatch(status)
	if figure == nil {
		t.Fatalf("no RssFile in %s", status)
	}
	kib, _ := strconv.Atoi(string(figure[1]))
	return kib
}
