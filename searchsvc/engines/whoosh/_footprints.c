#include "_footprints.h"

#include <stdlib.h>

#define SHARE 32 /* of so many postings one is read by a query that begins them */

Footprint *footprints_of(const Node *item, int32_t documents) {
    Champions *own = item->block.champions;
    Footprint *known = own ? atomic_load(&own->prints) : NULL;
    if (known || !own || documents < item->block.count / SHARE) return known;
    Footprint *prints = calloc((size_t)item->block.count, sizeof(Footprint));
    if (prints && atomic_compare_exchange_strong(&own->prints, &known, prints)) return prints;
    free(prints); /* another thread was faster */
    return known;
}

void note_footprint(Node *item, uint32_t low, const uint32_t *at, int64_t count) {
    uint32_t bits = 0;
    if (!item->prints || !count || !has(&item->block, low)) return;
    Footprint *print = &item->prints[place_of(&item->block, low)];
    if (atomic_load_explicit(print, memory_order_relaxed)) return;
    for (int64_t i = 0; i < count; i++) bits |= (uint32_t)1 << (at[i] & 31);
    atomic_store_explicit(print, bits, memory_order_relaxed);
}
