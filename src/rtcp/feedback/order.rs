//! The order of the sequence space, a ring of 65536 numbers.

/// Sorts `items` by `key` and lets them begin behind the widest gap of the ring, which is where a stretch of numbers
/// begins that goes across the wrap. `key` has to sort by `number` first.
pub(crate) fn in_sequence_order<T, K: Ord>(
    items: &mut [T],
    number: impl Fn(&T) -> u16,
    key: impl Fn(&T) -> K,
) {
    items.sort_unstable_by_key(key);
    let [first, .., last] = &*items else { return };
    let mut widest = number(first).wrapping_sub(number(last));
    let mut start = 0;
    for (place, pair) in items.windows(2).enumerate() {
        if let [one, next] = pair {
            let gap = number(next).wrapping_sub(number(one));
            if gap > widest && widest != 0 {
                (widest, start) = (gap, place + 1);
            }
        }
    }
    if start < items.len() {
        items.rotate_left(start);
    }
}

/// Keeps the first of the items that have the same number, at the front of `items`, and gives how many are left.
/// `merge` lets the kept one take over what it needs from another.
pub(crate) fn without_repeats<T: Copy>(
    items: &mut [T],
    number: impl Fn(&T) -> u16,
    merge: impl Fn(&mut T, &T),
) -> usize {
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
        let mut items = [(1, 'a'), (1, 'b'), (2, 'c'), (3, 'd'), (3, 'e')];
        let kept = without_repeats(&mut items, |item| item.0, |_, _| ());
        assert_eq!(items[..kept], [(1, 'a'), (2, 'c'), (3, 'd')]);
        assert_eq!(without_repeats(&mut [(); 0], |()| 0, |_, _| ()), 0);
    }
}
