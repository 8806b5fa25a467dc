package idlegc

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

const mib = 1 << 20

func TestModes(t *testing.T) {
	type look struct {
		mib     uint64
		seconds int
		idle    bool
	}
	cases := map[string][]look{
		"idle after three quiet looks":       {{10, 10, false}, {10, 10, false}, {10, 10, true}, {10, 10, true}},
		"a start is busy, however long":      {{200, 10, false}, {200, 10, false}, {10, 10, false}, {10, 10, false}, {10, 10, true}},
		"a load ends idleness at once":       {{0, 10, false}, {0, 10, false}, {0, 10, true}, {100, 10, false}, {0, 10, false}, {0, 10, false}, {0, 10, true}},
		"between the limits nothing changes": {{0, 10, false}, {0, 10, false}, {40, 10, false}, {0, 10, false}, {0, 10, false}, {0, 10, true}, {40, 10, true}, {40, 10, true}, {40, 10, true}, {0, 10, true}},
		"a single large answer is no load":   {{0, 10, false}, {0, 10, false}, {0, 10, true}, {10, 0, true}},
		"a collection tells of a load early": {{0, 10, false}, {0, 10, false}, {0, 10, true}, {60, 3, false}},
	}
	for name, looks := range cases {
		t.Run(name, func(t *testing.T) {
			var now mode
			for number, look := range looks {
				now = now.after(look.mib*mib, time.Duration(look.seconds)*time.Second)
				if now.idle != look.idle {
					t.Fatalf("look %d: idle is %v", number, now.idle)
				}
			}
		})
	}
}

func TestSetting(t *testing.T) {
	cases := []struct {
		env     map[string]string
		percent int
		on      bool
	}{
		{map[string]string{}, 40, true},
		{map[string]string{variable: "30"}, 30, true},
		{map[string]string{variable: "off"}, 0, false},
		{map[string]string{variable: "100"}, 0, false},
		{map[string]string{variable: "5"}, 0, false},
		{map[string]string{variable: "half"}, 0, false},
		{map[string]string{"GOGC": "100"}, 0, false},
		{map[string]string{"GOMEMLIMIT": "1GiB", variable: "30"}, 0, false},
	}
	for _, c := range cases {
		percent, on := setting(func(name string) string { return c.env[name] })
		if percent != c.percent || on != c.on {
			t.Errorf("%v: %d %v", c.env, percent, on)
		}
	}
}

func TestAPercentageOfTheProgramsOwnIsKept(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(busyPercent))
	now := func() int {
		percent := debug.SetGCPercent(busyPercent)
		debug.SetGCPercent(percent)
		return percent
	}
	for _, c := range []struct {
		own, from, to int
		replaced      bool
		then          int
	}{
		{100, 100, 50, true, 50},
		{50, 50, 100, true, 100},
		{40, 100, 50, false, 40},
		{40, 50, 100, false, 40},
		{-1, 50, 100, false, -1},
	} {
		debug.SetGCPercent(c.own)
		if replaced := replace(c.from, c.to); replaced != c.replaced || now() != c.then {
			t.Errorf("%+v: %v, %d", c, replaced, now())
		}
	}
}

func TestAllocatedGrows(t *testing.T) {
	before := allocated()
	kept := make([]byte, 4*mib)
	runtime.KeepAlive(kept)
	if grown := allocated() - before; grown < 4*mib || grown > 40*mib {
		t.Fatalf("grew by %d", grown)
	}
}

func TestCollectionIsTold(t *testing.T) {
	collected := make(chan struct{}, 1)
	tellCollection(collected)
	runtime.GC()
	select {
	case <-collected:
	case <-time.After(10 * time.Second):
		t.Fatal("not told")
	}
	runtime.GC()
	select {
	case <-collected:
		t.Fatal("told twice")
	case <-time.After(50 * time.Millisecond):
	}
}
