/* The rarer ones of the words that begin alike, as one list in each chunk.
 *
 * In: lists of a typed word, sorted by chunk, some of which only add up. Out: one in their place, with
 * how often all of them together stand in each document, and a guide that tells where the documents
 * of a shelf begin. Documents are added up in a table of the whole chunk, so that nothing hangs on
 * their order; frequencies are read, and so checked.
 */

#include <stdlib.h>

#include "_summing.h"

typedef struct {
    uint64_t seen[WORDS]; /* nought between its uses */
    uint8_t sums[CHUNK];
    int32_t count;
} Table;

static int64_t shelves_of(int64_t count) { return (CHUNK >> shelf_shift((int32_t)count)) + 1; }

/* What a list takes at most: a guide, documents, of which some may be read behind the end, sums. */
static size_t size_of(int64_t count) {
    size_t numbers = (size_t)(shelves_of(count) + count + AT_ONCE);
    return numbers * sizeof(uint16_t) + (((size_t)count + 1) & ~(size_t)1);
}

static int add_list(Table *table, const Field *field, const List *list) {
    const Block block = {.field = field, .rare_end = (uint32_t)field->rares};
    const uint16_t *docs = list->docs;
    uint16_t room[SPARSE + SHELF_ROOM];
    if (list->count > SPARSE || (list->racked && list_rack(list->docs, list->count, room)))
        return DAMAGED;
    if (list->racked) docs = room;
    for (int32_t i = 0; i < list->count; i++) {
        int64_t tf = plain_tf(&block, list->first + (uint32_t)i);
        if (!tf) return DAMAGED;
        if (has_bit(table->seen, docs[i])) tf += table->sums[docs[i]];
        else table->count++;
        set_bit(table->seen, docs[i]);
        table->sums[docs[i]] = tf < LARGEST ? (uint8_t)tf : LARGEST;
    }
    return FINE;
}

/* Move what was added up into a list; the table is empty again. */
static void lay_out(Table *table, uint16_t *memory, List *made) {
    const int32_t count = table->count;
    uint16_t *lows = memory + shelves_of(count), *low = lows;
    for (uint32_t word = 0; word < WORDS; word++) {
        for (uint64_t left = table->seen[word]; left; left &= left - 1)
            *low++ = (uint16_t)(word * 64 + (uint32_t)__builtin_ctzll(left));
        table->seen[word] = 0;
    }
    uint8_t *sums = (uint8_t *)(lows + count);
    for (int32_t i = 0; i < count; i++) sums[i] = table->sums[lows[i]];
    table->count = 0;
    made->docs = lows;
    made->ranks = memory;
    made->racked = 0;
    made->count = count;
    int32_t at = 0, shift = shelf_shift(count);
    for (uint32_t shelf = 0; shelf < shelves_of(count); shelf++) {
        while (at < count && (uint32_t)lows[at] >> shift < shelf) at++;
        memory[shelf] = (uint16_t)at;
    }
}

/* Put one list in the place of those of a chunk that only add up. Gives how many lists are left. */
static int64_t sum_chunk(Table *table, const Field *field, List *lists, int64_t count,
                         uint16_t *memory) {
    int64_t kept = 0, summed = 0;
    List made = {0};
    for (int64_t i = 0; i < count; i++) {
        if (lists[i].stream != SUMMED) {
            lists[kept++] = lists[i];
            continue;
        }
        if (!summed++) made = lists[i];
        if (add_list(table, field, &lists[i])) return -1;
    }
    if (!summed) return kept;
    lay_out(table, memory, &made);
    lists[kept++] = made;
    return kept;
}

static size_t size_in_chunk(const List *lists, int64_t count) {
    int64_t summed = 0;
    for (int64_t i = 0; i < count; i++) summed += lists[i].stream == SUMMED ? lists[i].count : 0;
    return summed ? size_of(summed) : 0;
}

static int sum_chunks(Table *table, const Field *field, Listed *listed, int64_t chunks) {
    char *memory = listed->own;
    int64_t kept = 0, first = 0;
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
        int64_t last = listed->starts[chunk + 1];
        size_t size = size_in_chunk(listed->lists + first, last - first);
        int64_t some = sum_chunk(table, field, listed->lists + first, last - first,
                                 (uint16_t *)(void *)memory);
        if (some < 0) return DAMAGED;
        memmove(listed->lists + kept, listed->lists + first, (size_t)some * sizeof(List));
        listed->starts[chunk] = kept;
        kept += some;
        first = last;
        memory += size;
    }
    listed->starts[chunks] = kept;
    return FINE;
}

int sum_lists(Listed *listed, int64_t chunks) {
    listed->size = 0;
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
        int64_t first = listed->starts[chunk];
        listed->size += size_in_chunk(listed->lists + first, listed->starts[chunk + 1] - first);
    }
    if (!listed->size) return FINE;
    Table *table = calloc(1, sizeof *table);
    listed->own = malloc(listed->size);
    int status = table && listed->own ? FINE : NO_MEMORY;
    if (!status) status = sum_chunks(table, listed->fields[RELATED], listed, chunks);
    free(table);
    return status;
}
