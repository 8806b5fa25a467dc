// Undoes the filter of x86-64 code: what is relative to the instruction is stored absolute, which makes all references to one
// place equal. The other half, and why this order, is in build/pack/x86-filter.ts.
package main

import "encoding/binary"

const (
	filterX86   = "x86-64"
	callBits    = 27
	addressBits = 28
)

const (
	other = iota
	call  // call, jmp
	wide  // the prefix of an instruction on 64 bits
)

// By the first byte of an instruction: looking it up is twice as fast as comparing.
var kinds = func() (kinds [256]uint8) {
	kinds[0xe8], kinds[0xe9] = call, call
	for prefix := 0x48; prefix < 0x50; prefix++ {
		kinds[prefix] = wide
	}
	return kinds
}()

// lea, mov, cmp
var reachesData = [256]bool{0x8d: true, 0x8b: true, 0x89: true, 0x3b: true, 0x39: true}

func unfilterX86(data []byte) {
	if len(data) < 8 {
		return
	}
	for i, first := range data[:len(data)-7] {
		switch kinds[first] {
		case call:
			makeRelative(data[i+1:i+5], i+1, callBits)
		case wide:
			rest := data[i+1 : i+8]
			if rest[1]&0xc7 == 5 && reachesData[rest[0]] {
				makeRelative(rest[2:6], i+3, addressBits)
			}
		}
	}
}

func makeRelative(number []byte, place int, bits uint) {
	shift := 32 - bits
	absolute := int32(binary.LittleEndian.Uint32(number))
	if absolute<<shift>>shift != absolute {
		return
	}
	binary.LittleEndian.PutUint32(number, uint32((absolute-int32(place)-4)<<shift>>shift))
}
