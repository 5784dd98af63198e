/* Phrases and pairs: where words stand side by side or close by, by their positions.
 *
 * In: words opened in the chunk. Out: a bitmap with scores. Documents are taken some at a time, so
 * that what must be read of the file is on its way while something else is done.
 */

#include "_footprints.h"
#include "_search.h"

#include <stdlib.h>

#define BATCH 64 /* documents whose positions are fetched together */
#define FEW 32   /* positions that are sorted by insertion */
#define FEW_LISTS 8 /* lists that need no memory from elsewhere */

int room_for_positions(Workspace *space, int64_t count) {
    if (count <= space->positions_room) return FINE;
    int64_t room = 2 * count + 1024;
    uint32_t *grown = realloc(space->positions, (size_t)room * sizeof(uint32_t));
    if (!grown) return NO_MEMORY;
    space->positions = grown;
    space->positions_room = room;
    return FINE;
}

static int ascending(const void *one, const void *two) {
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)two;
    return (a > b) - (a < b);
}

int64_t distinct(uint32_t *at, int64_t count) {
    int64_t kept = 0;
    if (count > FEW) qsort(at, (size_t)count, sizeof(uint32_t), ascending);
    for (int64_t i = 1; i < count && count <= FEW; i++) {
        uint32_t moved = at[i];
        int64_t j = i;
        for (; j > 0 && at[j - 1] > moved; j--) at[j] = at[j - 1];
        at[j] = moved;
    }
    for (int64_t i = 0; i < count; i++)
        if (!kept || at[i] != at[kept - 1]) at[kept++] = at[i];
    return kept;
}

/* Find where a list has a posting of each document, and ask for what tells its positions. */
static void find_postings(Block *block, int certain, const uint16_t *lows, int32_t some,
                          Place *places) {
    const Field *field = block->field;
    for (int32_t i = 0; i < some; i++) {
        places[i].posting = NOWHERE;
        /* The documents of an item's only list are those of the item. */
        if (!has(block, lows[i]) && !certain) continue;
        uint32_t posting = block->first + (uint32_t)place_of(block, lows[i]);
        places[i].posting = posting;
        __builtin_prefetch(&field->freqs[posting / FRAME * (FRAME / 2)]);
        __builtin_prefetch(&field->frames[posting / FRAME]);
        __builtin_prefetch(&field->widths[posting / FRAME]);
    }
}

static void find_item(Node *item, const uint16_t *lows, int32_t some, Place *places) {
    int certain = item->term_count == 1 && item->terms[0] == item->term;
    for (int64_t i = 0; i < item->block_count; i++, places += BATCH)
        find_postings(&item->blocks[i], certain, lows, some, places);
}

static int locate_item(const Node *item, int32_t some, Place *places) {
    for (int64_t i = 0; i < item->block_count; i++, places += BATCH)
        for (int32_t j = 0; j < some; j++) {
            const Block *block = &item->blocks[i];
            if (places[j].posting == NOWHERE) continue;
            if (locate(block, places[j].posting, &places[j])) return DAMAGED;
            __builtin_prefetch(&block->field->positions[places[j].bit >> 3]);
        }
    return FINE;
}

/* Unpack an item's positions in one document behind others. */
static int unpack_item(Search *search, const Node *item, const Place *places, int64_t used,
                       int64_t *count) {
    Workspace *space = search->space;
    int64_t begin = used, lists = 0;
    for (int64_t i = 0; i < item->block_count; i++, places += BATCH) {
        if (places->posting == NOWHERE) continue;
        if (used + places->count > space->positions_room &&
            room_for_positions(space, used + places->count))
            return NO_MEMORY;
        Place start = *places;
        unpack(item->blocks[i].field, &start, start.count, space->positions + used);
        used += start.count;
        lists++;
    }
    *count = lists > 1 ? distinct(space->positions + begin, used - begin) : used - begin;
    search->clock.steps += used - begin + 1;
    return search->clock.steps >= PATIENCE && late(&search->clock, 0) ? LATE : FINE;
}

/* Keep those positions that have another one so many after them. */
static int64_t keep_followed(uint32_t *one, int64_t count, const uint32_t *two, int64_t others,
                             int64_t shift) {
    int64_t kept = 0, a = 0, b = 0;
    /* Branches that hang on positions would be guessed wrong. */
    while (a < count && b < others) {
        int64_t wanted = (int64_t)one[a] + shift, here = two[b];
        one[kept] = one[a];
        kept += here == wanted;
        a += wanted <= here;
        b += here <= wanted;
    }
    return kept;
}

/* Count the first item's positions that have another one of the second close by. */
static int64_t close_by(const uint32_t *one, int64_t count, const uint32_t *two, int64_t others,
                        int64_t distance) {
    int64_t found = 0, low = 0;
    for (int64_t a = 0; a < count; a++) {
        int64_t here = one[a];
        while (low < others && two[low] < here - distance) low++;
        /* Positions are distinct, so of the first two one stands elsewhere. */
        for (int64_t b = low; b < others && b < low + 2; b++)
            if (two[b] != here && two[b] <= here + distance) {
                found++;
                break;
            }
    }
    return found;
}

/* Look for the other items of a phrase, of which two stand where they should: few documents. */
static int keep_phrases(Search *search, Node *node, uint32_t low, Place *places, int64_t *times) {
    for (int64_t i = 2; i < node->must_count && *times; i++) {
        int64_t count = 0;
        Node *item = node->order[i];
        find_item(item, (const uint16_t[]){(uint16_t)low}, 1, places);
        int status = locate_item(item, 1, places);
        if (!status) status = unpack_item(search, item, places, *times, &count);
        if (status) return status;
        uint32_t *at = search->space->positions;
        *times = keep_followed(at, *times, at + *times, count, item - node->order[0]);
    }
    return FINE;
}

/* Count the places in one document of a batch. */
static int count_spans(Search *search, Node *node, uint32_t low, const Place *first,
                       const Place *second, Place *rest, int64_t *times) {
    int64_t others = 0;
    int status = unpack_item(search, node->order[0], first, 0, times);
    if (status || node->must_count == 1) return status;
    status = unpack_item(search, node->order[1], second, *times, &others);
    if (status) return status;
    uint32_t *at = search->space->positions;
    note_footprint(node->order[0], low, at, *times);
    note_footprint(node->order[1], low, at + *times, others);
    if (node->distance >= 0) {
        *times = close_by(at, *times, at + *times, others, node->distance);
        return FINE;
    }
    *times = keep_followed(at, *times, at + *times, others, node->order[1] - node->order[0]);
    return keep_phrases(search, node, low, rest, times);
}

/* Open the lists of an item, beside the one of all its documents. */
static void open_lists(Search *search, Node *item) {
    item->block_count = 0;
    for (int64_t i = 0; i < item->term_count; i++) {
        const Block *block = block_in(item->terms[i], search->chunk);
        if (block) item->blocks[item->block_count++] = *block;
    }
}

/* The two rarest items are looked for in all documents, the others where these are as they should. */
static int find_spans(Search *search, Node *node, const uint16_t *lows, int32_t count,
                      Place *places) {
    int64_t pair = node->must_count < 2 ? 1 : 2, times;
    Place *second = places + node->order[0]->block_count * BATCH, *rest = second;
    if (pair == 2) rest += node->order[1]->block_count * BATCH;
    for (int32_t from = 0; from < count; from += BATCH) {
        int32_t some = count - from < BATCH ? count - from : BATCH;
        int status = all_inside(search, lows + from, some) ? FINE : DAMAGED;
        for (int64_t i = 0; i < pair; i++)
            find_item(node->order[i], lows + from, some, i ? second : places);
        for (int64_t i = 0; i < pair && !status; i++)
            status = locate_item(node->order[i], some, i ? second : places);
        for (int32_t i = 0; i < some && !status; i++) {
            status = count_spans(search, node, lows[from + i], places + i, second + i, rest, &times);
            if (!status && times)
                list(node, lows[from + i], impact(search, node->weight, times, lows[from + i]));
        }
        if (status) return status;
    }
    return FINE;
}

int open_items(Search *search, Node *node) {
    int status = FINE;
    for (int64_t i = 0; i < node->must_count && !status; i++) {
        status = open_word(search, &node->must[i]);
        open_lists(search, &node->must[i]);
        node->must[i].prints = NULL;
    }
    return status;
}

int open_spans_in(Search *search, Node *node, const uint16_t *lows, int32_t count) {
    int64_t lists = 0;
    Place few[FEW_LISTS * BATCH];
    int status = clear_array(search, node);
    if (status || !count) return status;
    if (node->distance >= 0)
        for (int64_t i = 0; i < 2; i++) node->order[i] = &node->must[i];
    for (int64_t i = 0; i < node->must_count; i++) {
        lists += node->must[i].block_count;
        rewind_block(&node->must[i].block);
        for (int64_t j = 0; j < node->must[i].block_count; j++) rewind_block(&node->must[i].blocks[j]);
    }
    Place *places = lists > FEW_LISTS ? malloc((size_t)lists * BATCH * sizeof(Place)) : few;
    status = places ? find_spans(search, node, lows, count, places) : NO_MEMORY;
    if (places != few) free(places);
    return status;
}

int open_spans(Search *search, Node *node) {
    uint16_t *lows;
    int32_t count;
    int status = open_items(search, node);
    if (!status)
        status = conjunction(search, node->must, node->must_count, node->order, &lows, &count);
    if (!status) status = only_among(search, &lows, &count);
    return status ? status : open_spans_in(search, node, lows, count);
}
