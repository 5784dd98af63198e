/* Lists of words that begin alike, added up to one. */

#ifndef SUMMING_H
#define SUMMING_H

#include "_second_pass.h"

#define MOST_SUMMED UINT16_MAX /* postings of all lists that become one */
#define AT_ONCE 16 /* documents that are compared at once */

/* Give how many bits of a document's number its shelf leaves out: mostly eight are on one. */
static inline int shelf_shift(int32_t count) { return count < 512 ? 10 : count < 1024 ? 9 : 8; }

/* Find the place of a document in a list with a guide. Tells whether it is there. */
static inline int find_guided(const List *list, int shift, uint32_t low, uint32_t *place) {
    const uint16_t *lows = list->docs;
    int32_t from = list->ranks[low >> shift], to = list->ranks[(low >> shift) + 1];
    while (to - from > AT_ONCE) {
        int32_t middle = (from + to) / 2;
        if (lows[middle] < low) from = middle + 1;
        else to = middle + 1;
    }
#ifdef __SSE2__
    const __m128i wanted = _mm_set1_epi16((short)low);
    __m128i one = _mm_loadu_si128((const __m128i *)(lows + from));
    __m128i two = _mm_loadu_si128((const __m128i *)(lows + from + 8));
    one = _mm_packs_epi16(_mm_cmpeq_epi16(one, wanted), _mm_cmpeq_epi16(two, wanted));
    uint32_t same = (uint32_t)_mm_movemask_epi8(one) & ((1u << (to - from)) - 1);
#else
    uint32_t same = 0;
    for (int32_t i = 0; i < to - from; i++) same |= (uint32_t)(lows[from + i] == low) << i;
#endif
    *place = (uint32_t)(from + __builtin_ctz(same | 1u << AT_ONCE));
    return same != 0;
}

/* Add up the lists in each chunk that are marked so: room is made for them. */
int sum_lists(Listed *listed, int64_t chunks);

#endif
