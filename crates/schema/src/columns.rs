//! The column types of the tables: how each is written, and how it is read back from whatever
//! equivalent type another program has given it.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int32Array, ListArray, StringArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Int32Type};
use std::sync::Arc;

/// A Rust type that can be a column.
pub trait Column: Sized {
    /// Whether null is a value.
    const NULLABLE: bool;

    /// The Arrow type that is written.
    fn data_type() -> DataType;

    /// Makes the column of these values.
    fn build(values: Vec<Self>) -> ArrayRef;

    /// Reads the values of a column that has been cast to [`Column::data_type`]. `None` stands for
    /// an unexpected null.
    fn values(array: &ArrayRef) -> Option<Vec<Self>>;

    /// The field of a column of this type.
    fn field(name: &str) -> Field {
        Field::new(name, Self::data_type(), Self::NULLABLE)
    }

    /// Reads a column, accepting any type that casts to ours without loss of meaning: pandas and
    /// polars, for example, write `large_utf8` and `int64`.
    ///
    /// # Errors
    /// A phrase that says what the column is instead.
    fn read(array: &ArrayRef) -> Result<Vec<Self>, String> {
        let wanted = Self::data_type();
        let array = if *array.data_type() == wanted {
            array.clone()
        } else {
            let nulls = array.logical_null_count();
            match cast(array, &wanted) {
                Ok(cast) if cast.logical_null_count() == nulls => cast,
                _ => return Err(format!("is {}, not {wanted}", array.data_type())),
            }
        };
        Self::values(&array).ok_or_else(|| "has a null where none is allowed".to_owned())
    }
}

macro_rules! primitive_column {
    ($type:ty, $data_type:expr, $array:ty, $arrow:ty) => {
        impl Column for $type {
            const NULLABLE: bool = false;
            fn data_type() -> DataType {
                $data_type
            }
            fn build(values: Vec<Self>) -> ArrayRef {
                Arc::new(<$array>::from(values))
            }
            fn values(array: &ArrayRef) -> Option<Vec<Self>> {
                let array = array.as_primitive::<$arrow>();
                (array.null_count() == 0).then(|| array.values().to_vec())
            }
        }

        impl Column for Option<$type> {
            const NULLABLE: bool = true;
            fn data_type() -> DataType {
                $data_type
            }
            fn build(values: Vec<Self>) -> ArrayRef {
                Arc::new(<$array>::from(values))
            }
            fn values(array: &ArrayRef) -> Option<Vec<Self>> {
                Some(array.as_primitive::<$arrow>().iter().collect())
            }
        }
    };
}

primitive_column!(i32, DataType::Int32, Int32Array, Int32Type);
primitive_column!(f64, DataType::Float64, Float64Array, Float64Type);

impl Column for bool {
    const NULLABLE: bool = false;
    fn data_type() -> DataType {
        DataType::Boolean
    }
    fn build(values: Vec<Self>) -> ArrayRef {
        Arc::new(BooleanArray::from(values))
    }
    fn values(array: &ArrayRef) -> Option<Vec<Self>> {
        array.as_boolean().iter().collect()
    }
}

impl Column for Option<bool> {
    const NULLABLE: bool = true;
    fn data_type() -> DataType {
        DataType::Boolean
    }
    fn build(values: Vec<Self>) -> ArrayRef {
        Arc::new(BooleanArray::from(values))
    }
    fn values(array: &ArrayRef) -> Option<Vec<Self>> {
        Some(array.as_boolean().iter().collect())
    }
}

impl Column for String {
    const NULLABLE: bool = false;
    fn data_type() -> DataType {
        DataType::Utf8
    }
    fn build(values: Vec<Self>) -> ArrayRef {
        Arc::new(StringArray::from(values))
    }
    fn values(array: &ArrayRef) -> Option<Vec<Self>> {
        array
            .as_string::<i32>()
            .iter()
            .map(|value| value.map(str::to_owned))
            .collect()
    }
}

impl Column for Option<String> {
    const NULLABLE: bool = true;
    fn data_type() -> DataType {
        DataType::Utf8
    }
    fn build(values: Vec<Self>) -> ArrayRef {
        Arc::new(StringArray::from(values))
    }
    fn values(array: &ArrayRef) -> Option<Vec<Self>> {
        Some(
            array
                .as_string::<i32>()
                .iter()
                .map(|value| value.map(str::to_owned))
                .collect(),
        )
    }
}

impl Column for Vec<i32> {
    const NULLABLE: bool = false;
    fn data_type() -> DataType {
        DataType::List(Arc::new(list_item(DataType::Int32)))
    }
    fn build(values: Vec<Self>) -> ArrayRef {
        let offsets = OffsetBuffer::from_lengths(values.iter().map(Vec::len));
        let flat = Int32Array::from(values.concat());
        Arc::new(ListArray::new(
            Arc::new(list_item(DataType::Int32)),
            offsets,
            Arc::new(flat),
            None,
        ))
    }
    fn values(array: &ArrayRef) -> Option<Vec<Self>> {
        let item = |list: Option<ArrayRef>| i32::values(&list?);
        array.as_list::<i32>().iter().map(item).collect()
    }
}

/// The item field of list columns, under the name that the Parquet specification recommends.
pub(crate) fn list_item(data_type: DataType) -> Field {
    Field::new("element", data_type, false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, LargeStringArray};

    #[test]
    fn equivalent_types_of_other_programs_are_read() {
        let wide: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
        assert_eq!(i32::read(&wide), Ok(vec![1, 2]));
        let large: ArrayRef = Arc::new(LargeStringArray::from(vec!["a", "b"]));
        assert_eq!(
            String::read(&large),
            Ok(vec!["a".to_owned(), "b".to_owned()])
        );
    }

    #[test]
    fn a_loss_is_an_error() {
        let too_wide: ArrayRef = Arc::new(Int64Array::from(vec![1, 1 << 40]));
        assert_eq!(i32::read(&too_wide), Err("is Int64, not Int32".to_owned()));
        let null: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None]));
        assert!(i32::read(&null).is_err());
        assert_eq!(Option::<i32>::read(&null), Ok(vec![Some(1), None]));
    }

    #[test]
    fn lists_round_trip() {
        let lists = vec![vec![1, 2], vec![], vec![3]];
        assert_eq!(Vec::<i32>::read(&Vec::build(lists.clone())), Ok(lists));
    }
}
