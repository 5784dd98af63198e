/* Sets of documents of a chunk: united, cut, left out, within days. */

#include "_search.h"

#define GALLOPING 12 /* a list that is so much longer is not gone through */

void unite(const Search *search, const Node *node, uint64_t *bits) {
    if (node->kind != WORD) {
        for (int word = 0; word < search->words; word++) bits[word] |= node->bits[word];
        return;
    }
    const Block *block = &node->block;
    if (block->bits)
        for (int word = 0; word < search->words; word++) bits[word] |= block->bits[word];
    else
        for (int32_t i = 0; i < block->count; i++) set_bit(bits, block->lows[i]);
}

int32_t extract(const Search *search, const uint64_t *bits, uint16_t *lows) {
    int32_t count = 0;
    for (uint32_t word = 0; word < (uint32_t)search->words; word++)
        for (uint64_t left = bits[word]; left; left &= left - 1)
            lows[count++] = (uint16_t)(word * 64 + (uint32_t)__builtin_ctzll(left));
    return count;
}

/* Give the bitmap of an operand that has one. */
static const uint64_t *bitmap_of(const Node *node) {
    return node->kind == WORD ? node->block.bits : node->bits;
}

/* Make a bitmap of an array, to be looked at once; NULL without memory. */
static const uint64_t *marked(Search *search, const Block *block) {
    uint64_t *bits = empty_bitmap(search);
    if (!bits) return NULL;
    search->space->bitmaps.used--;
    for (int32_t i = 0; i < block->count; i++) set_bit(bits, block->lows[i]);
    return bits;
}

/* Keep the documents that an operand has, or those it has not; `kept` may be `lows`. */
static int32_t filtered(Search *search, Node *node, int wanted, const uint16_t *lows, int32_t count,
                        uint16_t *kept) {
    const uint64_t *bits = bitmap_of(node);
    const Block *block = &node->block;
    int32_t found = 0;
    int direct = block->shelves && count < block->count / 2;
    /* To go through two arrays side by side takes twice as long: each step waits for the one before. */
    if (!bits && !direct && block->count / GALLOPING < count) bits = marked(search, block);
    if (!bits) rewind_block(&node->block);
    for (int32_t i = 0; i < count; i++) {
        uint16_t low = lows[i];
        kept[found] = low;
        found += (bits ? has_bit(bits, low) : has(&node->block, low)) == wanted;
    }
    return found;
}

/* Order operands, or the words among them, by their documents; gives how many there are. */
static int64_t smallest_first(Node *operands, int64_t count, int words, Node **order) {
    int64_t some = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t j = some;
        operands[i].done = 0;
        if (words && operands[i].kind != WORD) continue;
        for (; j > 0 && order[j - 1]->size > operands[i].size; j--) order[j] = order[j - 1];
        order[j] = &operands[i];
        some++;
    }
    return some;
}

/* List what the first operand has, together with those that are bitmaps like it. */
static int begin(Search *search, Node **order, int64_t count, uint16_t **lows, int32_t *found) {
    Node *first = order[0];
    first->done = 1;
    if (first->kind == WORD && first->block.lows) {
        *lows = (uint16_t *)(uintptr_t)first->block.lows;
        *found = first->block.count;
        return FINE;
    }
    const uint64_t *bits = bitmap_of(first);
    uint64_t *both = page(&search->space->bitmaps);
    uint16_t *array = page(&search->space->arrays);
    if (!both || !array) return NO_MEMORY;
    for (int64_t i = 1; i < count; i++) {
        const uint64_t *other = bitmap_of(order[i]);
        if (!other) continue;
        order[i]->done = 1;
        for (int word = 0; word < search->words; word++) both[word] = bits[word] & other[word];
        bits = both;
    }
    *lows = array;
    *found = extract(search, bits, array);
    return FINE;
}

/* Find the documents that all of some operands have, the smallest first. */
static int cut(Search *search, Node **order, int64_t count, uint16_t **lows, int32_t *found) {
    uint16_t *kept = page(&search->space->arrays);
    if (!kept) return NO_MEMORY;
    *lows = kept;
    int status = begin(search, order, count, lows, found);
    if (status) return status;
    for (int64_t i = 1; i < count && *found; i++) {
        if (order[i]->done) continue;
        if (late(&search->clock, *found)) return LATE;
        *found = filtered(search, order[i], 1, *lows, *found, kept);
        *lows = kept;
    }
    return FINE;
}

int conjunction(Search *search, Node *operands, int64_t count, Node **order, uint16_t **lows,
                int32_t *found) {
    return cut(search, order, smallest_first(operands, count, 0, order), lows, found);
}

int conjunction_of_words(Search *search, Node *branch, uint16_t **lows, int32_t *found) {
    int64_t words = smallest_first(branch->must, branch->must_count, 1, branch->order);
    return cut(search, branch->order, words, lows, found);
}

int only_among(Search *search, uint16_t **lows, int32_t *count) {
    int32_t found = 0, i = 0, j = 0;
    uint16_t *kept = search->among ? page(&search->space->arrays) : *lows;
    if (!search->among || !kept) return kept ? FINE : NO_MEMORY;
    while (i < *count && j < search->among_count) {
        uint16_t one = (*lows)[i], two = search->among[j];
        kept[found] = one;
        found += one == two;
        i += one <= two;
        j += two <= one;
    }
    *lows = kept;
    *count = found;
    return FINE;
}

static int all_documents(Search *search, uint16_t **lows, int32_t *found) {
    *lows = page(&search->space->arrays);
    if (!*lows) return NO_MEMORY;
    *found = search->scale.size;
    if (late(&search->clock, *found)) return LATE;
    for (int32_t low = 0; low < *found; low++) (*lows)[low] = (uint16_t)low;
    return FINE;
}

static int within_days(Search *search, const Node *node, uint16_t *kept, uint16_t **lows,
                       int32_t *found) {
    const int32_t *first = search->segment->first_day + search->base;
    const int32_t *last = search->segment->last_day + search->base;
    int32_t passed = 0;
    for (int32_t i = 0; i < *found; i++) {
        uint16_t low = (*lows)[i];
        if ((int32_t)low >= search->scale.size) return DAMAGED;
        kept[passed] = low;
        passed += first[low] != UNDATED && first[low] >= node->first_day &&
                  last[low] <= node->last_day;
    }
    *lows = kept;
    *found = passed;
    return FINE;
}

int matches_of_all(Search *search, Node *node, uint16_t **lows, int32_t *found) {
    uint16_t *kept = page(&search->space->arrays);
    int status = kept ? FINE : NO_MEMORY;
    if (!status)
        status = node->must_count ? conjunction(search, node->must, node->must_count, node->order,
                                                lows, found)
                                  : all_documents(search, lows, found);
    if (!status && node->dated) status = within_days(search, node, kept, lows, found);
    for (int64_t i = 0; i < node->without_count && !status; i++) {
        if (late(&search->clock, *found)) return LATE;
        *found = filtered(search, &node->without[i], 0, *lows, *found, kept);
        *lows = kept;
    }
    return status;
}

int32_t living(const Search *search, uint16_t **lows, int32_t count, uint16_t *kept) {
    int32_t found = 0;
    if (!search->dead) return count;
    for (int32_t i = 0; i < count; i++) {
        kept[found] = (*lows)[i];
        found += !has_bit(search->dead, (*lows)[i]);
    }
    *lows = kept;
    return found;
}
