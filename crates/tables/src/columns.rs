//! The column types of the tables: how each is written, and how it is read back from whatever
//! equivalent type another program has given it.

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int32Array, ListArray, StringArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Float64Type, Int32Type};
use selectron_run::Site;
use selectron_run::pipeline::Statistic;
use selectron_run::vocabulary::{ExampleKind, PositionContrast, Property, TextNull};
use std::sync::Arc;

const UNEXPECTED_NULL: &str = "has a null where none is allowed";

/// A Rust type that can be a column.
pub trait Column: Sized {
    /// Whether null is a value.
    const NULLABLE: bool;

    /// The Arrow type that is written.
    fn data_type() -> DataType;

    /// Makes the column of these values.
    fn build(values: Vec<Self>) -> ArrayRef;

    /// Reads the values of a column that has been cast to [`Column::data_type`].
    ///
    /// # Errors
    /// A phrase about a value that none of ours can be, such as an unexpected null.
    fn values(array: &ArrayRef) -> Result<Vec<Self>, String>;

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
        Self::values(&array)
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
            fn values(array: &ArrayRef) -> Result<Vec<Self>, String> {
                let array = array.as_primitive::<$arrow>();
                if array.null_count() > 0 {
                    return Err(UNEXPECTED_NULL.to_owned());
                }
                Ok(array.values().to_vec())
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
            fn values(array: &ArrayRef) -> Result<Vec<Self>, String> {
                Ok(array.as_primitive::<$arrow>().iter().collect())
            }
        }
    };
}

primitive_column!(f64, DataType::Float64, Float64Array, Float64Type);

impl Column for bool {
    const NULLABLE: bool = false;
    fn data_type() -> DataType {
        DataType::Boolean
    }
    fn build(values: Vec<Self>) -> ArrayRef {
        Arc::new(BooleanArray::from(values))
    }
    fn values(array: &ArrayRef) -> Result<Vec<Self>, String> {
        let values: Option<Vec<Self>> = array.as_boolean().iter().collect();
        values.ok_or_else(|| UNEXPECTED_NULL.to_owned())
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
    fn values(array: &ArrayRef) -> Result<Vec<Self>, String> {
        Ok(array.as_boolean().iter().collect())
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
    fn values(array: &ArrayRef) -> Result<Vec<Self>, String> {
        let texts = array.as_string::<i32>().iter();
        texts
            .map(|value| {
                value
                    .map(str::to_owned)
                    .ok_or_else(|| UNEXPECTED_NULL.to_owned())
            })
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
    fn values(array: &ArrayRef) -> Result<Vec<Self>, String> {
        let texts = array.as_string::<i32>().iter();
        Ok(texts.map(|value| value.map(str::to_owned)).collect())
    }
}

/// A number that counts something or numbers it: never negative, and written as `int32`.
///
/// # Panics
/// `build` panics when a number is too large for its column, which no run that a machine can hold
/// reaches.
macro_rules! count_column {
    ($($type:ty),+) => { $(
        impl Column for $type {
            const NULLABLE: bool = false;
            fn data_type() -> DataType {
                DataType::Int32
            }
            fn build(values: Vec<Self>) -> ArrayRef {
                Arc::new(Int32Array::from_iter_values(values.into_iter().map(narrowed)))
            }
            fn values(array: &ArrayRef) -> Result<Vec<Self>, String> {
                let array = array.as_primitive::<Int32Type>();
                if array.null_count() > 0 {
                    return Err(UNEXPECTED_NULL.to_owned());
                }
                array.values().iter().map(|value| counted(*value)).collect()
            }
        }

        impl Column for Option<$type> {
            const NULLABLE: bool = true;
            fn data_type() -> DataType {
                DataType::Int32
            }
            fn build(values: Vec<Self>) -> ArrayRef {
                Arc::new(Int32Array::from_iter(
                    values.into_iter().map(|value| value.map(narrowed)),
                ))
            }
            fn values(array: &ArrayRef) -> Result<Vec<Self>, String> {
                let array = array.as_primitive::<Int32Type>();
                array.iter().map(|value| value.map(counted).transpose()).collect()
            }
        }

        impl Column for Vec<$type> {
            const NULLABLE: bool = false;
            fn data_type() -> DataType {
                DataType::List(Arc::new(list_item(DataType::Int32)))
            }
            fn build(values: Vec<Self>) -> ArrayRef {
                let offsets = OffsetBuffer::from_lengths(values.iter().map(Vec::len));
                let flat = <$type as Column>::build(values.concat());
                let item = Arc::new(list_item(DataType::Int32));
                Arc::new(ListArray::new(item, offsets, flat, None))
            }
            fn values(array: &ArrayRef) -> Result<Vec<Self>, String> {
                let item = |list: Option<ArrayRef>| {
                    <$type as Column>::values(&list.ok_or(UNEXPECTED_NULL)?)
                };
                array.as_list::<i32>().iter().map(item).collect()
            }
        }
    )+ };
}

count_column!(usize, u32);

fn narrowed<T: TryInto<i32> + std::fmt::Display + Copy>(value: T) -> i32 {
    match value.try_into() {
        Ok(narrow) => narrow,
        Err(_) => panic!("{value} does not fit a column"),
    }
}

fn counted<T: TryFrom<i32>>(value: i32) -> Result<T, String> {
    T::try_from(value).map_err(|_| format!("holds {value}, and is never negative"))
}

/// A name of a closed set, written as text.
macro_rules! named_column {
    ($($type:ty),+ $(,)?) => { $(
        impl Column for $type {
            const NULLABLE: bool = false;
            fn data_type() -> DataType {
                DataType::Utf8
            }
            fn build(values: Vec<Self>) -> ArrayRef {
                let names = values.iter().map(|value| value.name());
                Arc::new(StringArray::from_iter_values(names))
            }
            fn values(array: &ArrayRef) -> Result<Vec<Self>, String> {
                let named = |name: Option<&str>| -> Result<Self, String> {
                    name.ok_or(UNEXPECTED_NULL)?
                        .parse()
                        .map_err(|what| format!("holds an {what}"))
                };
                array.as_string::<i32>().iter().map(named).collect()
            }
        }
    )+ };
}

named_column!(
    Site,
    Statistic,
    Property,
    PositionContrast,
    TextNull,
    ExampleKind
);

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
        assert_eq!(usize::read(&wide), Ok(vec![1, 2]));
        let large: ArrayRef = Arc::new(LargeStringArray::from(vec!["a", "b"]));
        assert_eq!(
            String::read(&large),
            Ok(vec!["a".to_owned(), "b".to_owned()])
        );
    }

    #[test]
    fn a_loss_is_an_error() {
        let too_wide: ArrayRef = Arc::new(Int64Array::from(vec![1, 1 << 40]));
        assert_eq!(
            usize::read(&too_wide),
            Err("is Int64, not Int32".to_owned())
        );
        let null: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None]));
        assert!(usize::read(&null).is_err());
        let negative: ArrayRef = Arc::new(Int32Array::from(vec![-1]));
        assert_eq!(
            usize::read(&negative),
            Err("holds -1, and is never negative".to_owned())
        );
        assert_eq!(Option::<usize>::read(&null), Ok(vec![Some(1), None]));
    }

    #[test]
    fn lists_round_trip() {
        let lists: Vec<Vec<usize>> = vec![vec![1, 2], vec![], vec![3]];
        assert_eq!(Vec::<usize>::read(&Vec::build(lists.clone())), Ok(lists));
    }
}
