/* Phrases and pairs: where words stand side by side or close by, by their positions.
 *
 * In: words opened in the chunk. Out: a bitmap with scores. Documents are taken some at a time, so
 * that what must be read of the file is on its way while something else is done.
 */

#include "_search.h"

#include <stdlib.h>
#include <string.h>

#define BATCH 64 /* documents whose positions are fetched together */
#define FEW 32   /* positions that are sorted by insertion */

typedef struct {
    uint32_t *at;
    int64_t count;
} Positions;

int room_for_positions(Workspace *space, int64_t count) {
    if (count <= space->positions_room) return FINE;
    int64_t room = 2 * count + 1024;
    uint32_t *grown = realloc(space->positions, (size_t)room * sizeof(uint32_t));
    if (!grown) return NO_MEMORY;
    space->positions = grown;
    space->positions_room = room;
    return FINE;
}

/* Find the postings of some documents in a list, and ask for what tells their places. */
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

static void find_all(Node *items, int64_t count, const uint16_t *lows, int32_t some,
                     Place *places) {
    for (int64_t i = 0; i < count; i++) {
        int certain = items[i].term_count == 1 && items[i].terms[0] == items[i].term;
        for (int64_t j = 0; j < items[i].block_count; j++, places += BATCH)
            find_postings(&items[i].blocks[j], certain, lows, some, places);
    }
}

static int locate_all(Node *items, int64_t count, int32_t some, Place *places) {
    for (int64_t i = 0; i < count; i++)
        for (int64_t j = 0; j < items[i].block_count; j++, places += BATCH)
            for (int32_t k = 0; k < some; k++) {
                const Block *block = &items[i].blocks[j];
                if (places[k].posting == NOWHERE) continue;
                if (locate(block, places[k].posting, &places[k])) return DAMAGED;
                __builtin_prefetch(&block->field->positions[places[k].bit >> 3]);
            }
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

/* Unpack one document's positions, item after item. */
static int unpack_items(Search *search, Node *items, int64_t count, const Place *places,
                        Positions *found) {
    Workspace *space = search->space;
    const Place *place = places;
    int64_t used = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t begin = used, lists = 0;
        for (int64_t j = 0; j < items[i].block_count; j++, place += BATCH) {
            if (place->posting == NOWHERE) continue;
            if (room_for_positions(space, used + place->count)) return NO_MEMORY;
            Place start = *place;
            unpack(items[i].blocks[j].field, &start, start.count, space->positions + used);
            used += place->count;
            lists++;
        }
        if (lists > 1) used = begin + distinct(space->positions + begin, used - begin);
        found[i].count = used - begin;
    }
    uint32_t *at = space->positions;
    for (int64_t i = 0; i < count; at += found[i++].count) found[i].at = at;
    return late(&search->clock, used + 1) ? LATE : FINE;
}

/* Count the places where all items stand side by side; the first item's positions are used up. */
static int64_t side_by_side(Positions *items, int64_t count) {
    Positions *first = &items[0];
    for (int64_t i = 1; i < count; i++) {
        const Positions *item = &items[i];
        int64_t kept = 0, a = 0, b = 0;
        /* Branches that hang on positions would be guessed wrong. */
        while (a < first->count && b < item->count) {
            uint64_t wanted = (uint64_t)first->at[a] + (uint64_t)i, here = item->at[b];
            first->at[kept] = first->at[a];
            kept += here == wanted;
            a += wanted <= here;
            b += here <= wanted;
        }
        first->count = kept;
    }
    return first->count;
}

/* Count the first item's positions that have another one of the second close by. */
static int64_t close_by(const Positions *items, int64_t distance) {
    const Positions *one = &items[0], *two = &items[1];
    int64_t count = 0, low = 0;
    for (int64_t a = 0; a < one->count; a++) {
        int64_t here = one->at[a];
        while (low < two->count && two->at[low] < here - distance) low++;
        /* Positions are distinct, so of the first two one stands elsewhere. */
        for (int64_t b = low; b < two->count && b < low + 2; b++)
            if (two->at[b] != here && two->at[b] <= here + distance) {
                count++;
                break;
            }
    }
    return count;
}

static void score_span(Search *search, Node *node, uint32_t low, int64_t count) {
    set_bit(node->bits, low);
    node->scores[low] = impact(search, node->weight, count, low);
    if (node->scores[low] > node->bound) node->bound = node->scores[low];
    node->lows[node->size++] = (uint16_t)low;
}

/* Open the lists of an item, beside the one of all its documents. */
static void open_lists(Search *search, Node *item) {
    item->block_count = 0;
    for (int64_t i = 0; i < item->term_count; i++) {
        const Block *block = block_in(item->terms[i], search->chunk);
        if (block) item->blocks[item->block_count++] = *block;
    }
}

static int find_spans(Search *search, Node *node, const uint16_t *lows, int32_t count,
                      Place *places, Positions *found) {
    Node *items = node->must;
    int64_t item_count = node->must_count;
    for (int32_t from = 0; from < count; from += BATCH) {
        int32_t some = count - from < BATCH ? count - from : BATCH;
        find_all(items, item_count, lows + from, some, places);
        int status = locate_all(items, item_count, some, places);
        for (int32_t i = 0; i < some && !status; i++) {
            if ((int32_t)lows[from + i] >= search->scale.size) return DAMAGED;
            status = unpack_items(search, items, item_count, places + i, found);
            if (status) return status;
            int64_t times = node->distance < 0 ? side_by_side(found, item_count)
                                               : close_by(found, node->distance);
            if (times) score_span(search, node, lows[from + i], times);
        }
        if (status) return status;
    }
    return FINE;
}

int open_spans(Search *search, Node *node) {
    uint16_t *lows;
    int32_t count;
    int64_t lists = 0;
    int status = FINE;
    for (int64_t i = 0; i < node->must_count && !status; i++) {
        status = open_node(search, &node->must[i]);
        open_lists(search, &node->must[i]);
        lists += node->must[i].block_count;
    }
    node->bits = empty_bitmap(search);
    node->scores = page(&search->space->scores);
    node->lows = page(&search->space->arrays);
    if (!node->bits || !node->scores || !node->lows) return NO_MEMORY;
    node->size = 0;
    node->bound = 0;
    if (!status)
        status = conjunction(search, node->must, node->must_count, node->order, &lows, &count);
    if (!status) status = only_among(search, &lows, &count);
    if (status || !count) return status;
    Place *places = malloc((size_t)lists * BATCH * sizeof(Place));
    Positions *found = malloc((size_t)node->must_count * sizeof(Positions));
    status = places && found ? find_spans(search, node, lows, count, places, found) : NO_MEMORY;
    free(places);
    free(found);
    return status;
}
