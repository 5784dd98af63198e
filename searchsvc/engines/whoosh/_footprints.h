/* Where a word stands, as far as 32 bits tell: bit p % 32 for each position p of a posting.
 *
 * Two words that stand side by side in a document leave bits side by side, so that most documents
 * in which they do not need no look at positions: of the matches of two frequent words one in ten.
 * They are noted as positions are read, so that nothing is read for their sake.
 */

#ifndef FOOTPRINTS_H
#define FOOTPRINTS_H

#include "_champions.h"
#include "_search.h"

/* Give the footprints of an item of a phrase that is open, by posting; NULL where there are none and
 * too few documents are read to begin them. They are 0 until they are known. */
Footprint *footprints_of(const Node *item, int32_t documents);

/* Note where an item stands in a document, whose positions are all at hand; documents ascend. */
void note_footprint(Node *item, uint32_t low, const uint32_t *at, int64_t count);

/* Tell where a posting stands; what is not known may be anywhere. */
static inline uint32_t footprint_at(const Footprint *prints, int32_t place) {
    uint32_t bits = atomic_load_explicit(&prints[place], memory_order_relaxed);
    return bits | (0 - (uint32_t)!bits);
}

static inline uint32_t turned(uint32_t bits, int by) { return bits << (by & 31) | bits >> (-by & 31); }

/* Tell where a second item may stand, if a phrase or a pair is to be there; 0: it is not. */
static inline uint32_t reach_of(uint32_t bits, int64_t distance) {
    if (distance < 0) return turned(bits, 1);
    if (distance > 15) return bits ? UINT32_MAX : 0;
    uint32_t reach = 0;
    for (int by = 1; by <= (int)distance; by++) reach |= turned(bits, by) | turned(bits, -by);
    return reach;
}

#endif
