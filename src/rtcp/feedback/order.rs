//! The order of the sequence space, a ring of 65536 numbers.

/// Sorts `items` by `key` and lets them begin behind the widest gap of the ring, which is where a stretch of numbers
/// begins that goes across the wrap. `key` has to sort by `number` first.
#[inline]
pub(crate) fn in_sequence_order<T: Copy, K: Ord>(
    items: &mut [T],
    number: impl Fn(&T) -> u16,
    key: impl Fn(&T) -> K,
) {
    sort(items, key);
    let [first, .., last] = &*items else { return };
    let span = number(last).wrapping_sub(number(first));
    // No gap is wider than the span; the one around the wrap is what the span leaves.
    if span <= 0x8000 {
        return;
    }
    let (mut widest, mut start) = (span.wrapping_neg(), 0);
    for (place, pair) in items.windows(2).enumerate() {
        let [one, next] = pair else { break };
        let gap = number(next).wrapping_sub(number(one));
        if gap > widest {
            (widest, start) = (gap, place + 1);
        }
    }
    if let Some((front, back)) = items.split_at_mut_checked(start) {
        front.reverse();
        back.reverse();
        items.reverse();
    }
}

/// Sorts `items` by `key`. Those of the standard library panic where an order contradicts itself, which the compiler cannot
/// rule out for ours.
///
/// Numbers come nearly in order, mostly: each goes down past the few that it belongs before. Where that takes long, they are
/// brought nearer to their places first.
#[inline]
fn sort<T: Copy, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    const STEPS_PER_ITEM: usize = 12;
    if items.is_sorted_by_key(&key) {
        return;
    }
    let mut steps = items.len().saturating_mul(STEPS_PER_ITEM);
    for end in 2..=items.len() {
        let Some((item, sorted)) = items.get_mut(..end).and_then(<[T]>::split_last_mut) else {
            break;
        };
        let (value, value_key) = (*item, key(item));
        let mut free = item;
        for other in sorted.iter_mut().rev() {
            if key(other) <= value_key {
                break;
            }
            *free = *other;
            free = other;
            steps = steps.saturating_sub(1);
        }
        *free = value;
        if steps == 0 {
            shell_sort(items, key);
            break;
        }
    }
}

/// Shell's sort, with the gaps of Ciura and longer ones.
#[cold]
fn shell_sort<T: Copy, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    const GAPS: [usize; 13] = [44_842, 19_930, 8858, 3937, 1750, 701, 301, 132, 57, 23, 10, 4, 1];
    for gap in GAPS {
        for end in gap..items.len() {
            let Some(&item) = items.get(end) else { break };
            let mut place = end;
            while let Some(before) = place.checked_sub(gap)
                && let Some(&other) = items.get(before)
                && key(&other) > key(&item)
                && let Some(free) = items.get_mut(place)
            {
                *free = other;
                place = before;
            }
            if let Some(free) = items.get_mut(place) {
                *free = item;
            }
        }
    }
}

/// The same, and keeps one item of each number, the first by `key`, at the front; gives how many are left. `merge` lets
/// the kept one take over what it needs from another.
#[inline]
pub(crate) fn once_in_sequence_order<T: Copy, K: Ord>(
    items: &mut [T],
    number: impl Fn(&T) -> u16,
    key: impl Fn(&T) -> K,
    merge: impl Fn(&mut T, &T),
) -> usize {
    in_sequence_order(items, &number, key);
    let followers = items.get(1..).unwrap_or_default();
    let repeats = items.iter().zip(followers).filter(|(one, next)| number(one) == number(next));
    if repeats.count() == 0 {
        return items.len();
    }
    let mut kept = 0;
    for place in 0..items.len() {
        let Some(&item) = items.get(place) else { break };
        match items.get_mut(..kept).and_then(<[T]>::last_mut) {
            Some(before) if number(before) == number(&item) => merge(before, &item),
            _ => {
                if let Some(free) = items.get_mut(kept) {
                    *free = item;
                }
                kept += 1;
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    extern crate std;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_widest_gap_is_the_way_round() {
        let order =
            |numbers: &mut [u16]| in_sequence_order(numbers, |&number| number, |&number| number);
        let mut numbers = [3, 65535, 1, 65000, 1];
        order(&mut numbers);
        assert_eq!(numbers, [65000, 65535, 1, 1, 3]);
        let mut numbers = [20000, 50000, 10];
        order(&mut numbers);
        assert_eq!(numbers, [50000, 10, 20000], "30000 lie before 50000");
        let mut numbers = [7, 7];
        order(&mut numbers);
        assert_eq!(numbers, [7, 7]);
        order(&mut []);
    }

    #[test]
    fn the_first_of_several_stays() {
        let once = |items: &mut [(u16, char)]| {
            once_in_sequence_order(items, |item| item.0, |&item| item, |_, _| ())
        };
        let mut items = [(3, 'e'), (1, 'b'), (3, 'd'), (1, 'a'), (2, 'c')];
        let kept = once(&mut items);
        assert_eq!(items[..kept], [(1, 'a'), (2, 'c'), (3, 'd')]);
        assert_eq!(once(&mut [(7, 'a'), (7, 'b')]), 1);
        assert_eq!((once(&mut []), once(&mut [(1, 'a'), (0, 'b')])), (0, 2));
    }

    proptest! {
        #[test]
        fn items_are_sorted_as_the_standard_library_does(mut items in vec(any::<u16>(), 0..300)) {
            let mut expected = items.clone();
            expected.sort_unstable();
            let mut other_way = items.clone();
            shell_sort(&mut other_way, |&item| item);
            prop_assert_eq!(&other_way, &expected);
            sort(&mut items, |&item| item);
            prop_assert_eq!(&items, &expected);
            items.reverse();
            sort(&mut items, |&item| item);
            prop_assert_eq!(items, expected);
        }
    }
}
