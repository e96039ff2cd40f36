//! Thrift's compact protocol, as far as needed to see what a Parquet file claims before memory is
//! reserved for it.
//!
//! Source: <https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md>.

/// How deeply structures may be nested; Parquet's own go to 5.
const DEPTH: usize = 16;

/// Types of values, as the protocol numbers them.
const BOOLEANS: std::ops::RangeInclusive<u8> = 1..=2;
const BYTE: u8 = 3;
const INTEGERS: std::ops::RangeInclusive<u8> = 4..=6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LISTS: std::ops::RangeInclusive<u8> = 9..=10;
const MAP: u8 = 11;
const STRUCT: u8 = 12;

/// The bytes that are still to be read. Every reader answers none where they end too soon, or are
/// not of this protocol.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

/// What a visitor of a field did with its value.
pub(super) enum Visit {
    /// It read the value.
    Read,
    /// It left the value, which is to be skipped.
    Left,
    /// It wants no further field.
    Enough,
}

impl<'a> Bytes<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, count: u64) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(count).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    fn variable(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A signed number of any width.
    pub(super) fn integer(&mut self) -> Option<i64> {
        let value = self.variable()?;
        Some((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// The size and the type of the elements of a list.
    pub(super) fn list(&mut self) -> Option<(u64, u8)> {
        let header = self.byte()?;
        let size = match header >> 4 {
            15 => self.variable()?,
            short => u64::from(short),
        };
        Some((size, header & 0x0f))
    }

    /// Shows each field of a struct to `visit`, by number and type.
    pub(super) fn fields(
        &mut self,
        mut visit: impl FnMut(i64, u8, &mut Self) -> Option<Visit>,
    ) -> Option<()> {
        self.fields_at(0, &mut visit)
    }

    fn fields_at(
        &mut self,
        depth: usize,
        visit: &mut dyn FnMut(i64, u8, &mut Self) -> Option<Visit>,
    ) -> Option<()> {
        let mut number = 0_i64;
        loop {
            let header = self.byte()?;
            if header == 0 {
                return Some(());
            }
            number = match header >> 4 {
                0 => self.integer()?,
                step => number.checked_add(i64::from(step))?,
            };
            let kind = header & 0x0f;
            match visit(number, kind, self)? {
                Visit::Read => {}
                Visit::Left => self.skip(kind, depth)?,
                Visit::Enough => return Some(()),
            }
        }
    }

    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        if BOOLEANS.contains(&kind) {
            // The value is in the type.
        } else if kind == BYTE {
            self.byte()?;
        } else if INTEGERS.contains(&kind) {
            self.variable()?;
        } else if kind == DOUBLE {
            self.take(8)?;
        } else if kind == BINARY {
            let length = self.variable()?;
            self.take(length)?;
        } else if LISTS.contains(&kind) {
            let (size, kind) = self.list()?;
            for _ in 0..size {
                self.skip_element(kind, depth)?;
            }
        } else if kind == MAP {
            let size = self.variable()?;
            let kinds = if size == 0 { 0 } else { self.byte()? };
            for _ in 0..size {
                self.skip_element(kinds >> 4, depth)?;
                self.skip_element(kinds & 0x0f, depth)?;
            }
        } else if kind == STRUCT {
            self.fields_at(depth + 1, &mut |_, _, _| Some(Visit::Left))?;
        } else {
            return None;
        }
        Some(())
    }

    /// In a list, a boolean takes a byte.
    fn skip_element(&mut self, kind: u8, depth: usize) -> Option<()> {
        if BOOLEANS.contains(&kind) {
            return self.byte().map(drop);
        }
        self.skip(kind, depth + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_shown_and_the_others_skipped() {
        // 1: i32 = -2; 2: "ab"; 4: list of two i32; 5: struct with 1: true; end.
        let bytes = [
            0x15, 0x03, 0x18, 0x02, b'a', b'b', 0x29, 0x25, 0x02, 0x04, 0x1c, 0x11, 0x00, 0x00,
        ];
        let mut seen = Vec::new();
        let mut rest = Bytes(&bytes);
        rest.fields(|number, kind, bytes| {
            if number == 1 {
                seen.push((number, bytes.integer()?));
                return Some(Visit::Read);
            }
            seen.push((number, i64::from(kind)));
            Some(Visit::Left)
        })
        .unwrap();
        assert_eq!(seen, [(1, -2), (2, 8), (4, 9), (5, 12)]);
        assert!(rest.0.is_empty());
        for length in 0..bytes.len() {
            let mut cut = Bytes(&bytes[..length]);
            assert!(cut.fields(|_, _, _| Some(Visit::Left)).is_none());
        }
    }

    #[test]
    fn endless_numbers_and_depths_are_refused() {
        assert_eq!(Bytes(&[0xff; 12]).integer(), None);
        assert_eq!(
            Bytes(&[0x1c; 1000]).fields(|_, _, _| Some(Visit::Left)),
            None
        );
        // A list that claims more elements than there are bytes.
        let mut claims = Bytes(&[0x19, 0xf8, 0xff, 0xff, 0xff, 0x7f, 0x01]);
        assert_eq!(claims.fields(|_, _, _| Some(Visit::Left)), None);
    }
}
