#include "_footprints.h"

#include <stdlib.h>

#define COST 4 /* a posting's positions are read in turn as fast as those of a quarter of a document */

void note_reading(const Node *item, int32_t documents) {
    Champions *own = item->block.champions;
    if (own) atomic_fetch_add_explicit(&own->read, (int64_t)documents * COST, memory_order_relaxed);
}

/* Read the positions of one posting; nothing is said where the file lies, or when it is late. */
static int footprint(Search *search, const Block *block, uint32_t posting, uint32_t *print) {
    uint32_t some[64];
    Place place;
    if (locate(block, posting, &place)) return 0;
    while (place.count) {
        uint32_t part = place.count < 64 ? place.count : 64;
        unpack(block->field, &place, part, some);
        for (uint32_t i = 0; i < part; i++) *print |= (uint32_t)1 << (some[i] & 31);
        place.count -= part;
        if (late(&search->clock, part)) return 0;
    }
    return 1;
}

static int add_footprints(Search *search, const Node *item, const Block *list, uint32_t *prints) {
    Block whole = item->block;
    Walk walk = {list, 0, 0};
    int same = item->term_count == 1 && item->terms[0] == item->term;
    rewind_block(&whole);
    for (int32_t i = 0; i < list->count; i++) {
        uint32_t low = document_at(&walk, i);
        if (!same && !has(&whole, low)) return 0;
        int32_t at = same ? i : place_of(&whole, low);
        if (!footprint(search, list, list->first + (uint32_t)i, &prints[at])) return 0;
    }
    return 1;
}

const uint32_t *footprints_of(Search *search, const Node *item) {
    Champions *own = item->block.champions;
    uint32_t *known = own ? atomic_load(&own->prints) : NULL;
    if (known || !own || atomic_load_explicit(&own->read, memory_order_relaxed) < item->block.count)
        return known;
    uint32_t *prints = calloc((size_t)item->block.count, sizeof(uint32_t));
    int fine = prints != NULL;
    for (int64_t i = 0; i < item->block_count && fine; i++)
        fine = add_footprints(search, item, &item->blocks[i], prints);
    if (fine && atomic_compare_exchange_strong(&own->prints, &known, prints)) return prints;
    free(prints); /* another thread was faster */
    return known;
}
