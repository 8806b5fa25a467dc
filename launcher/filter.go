// Undoes the filter of x86-64 code: what is relative to the instruction is stored absolute, which makes all references to one
// place equal. The other half, and why this order, is in build/pack/x86-filter.ts.
package main

import "encoding/binary"

const (
	filterX86   = "x86-64"
	callBits    = 27
	addressBits = 28
)

func unfilterX86(data []byte) {
	for i := 0; i+8 <= len(data); i++ {
		switch first := data[i]; {
		case first&0xfe == 0xe8: // call, jmp
			makeRelative(data, i+1, callBits)
		case first&0xf8 == 0x48 && data[i+2]&0xc7 == 5:
			switch data[i+1] {
			case 0x8d, 0x8b, 0x89, 0x3b, 0x39: // lea, mov, cmp
				makeRelative(data, i+3, addressBits)
			}
		}
	}
}

func makeRelative(data []byte, place int, bits uint) {
	shift := 32 - bits
	absolute := int32(binary.LittleEndian.Uint32(data[place:]))
	if absolute<<shift>>shift != absolute {
		return
	}
	binary.LittleEndian.PutUint32(data[place:], uint32((absolute-int32(place)-4)<<shift>>shift))
}
