#include "_weighing.h"

#ifdef __SSSE3__
#include <tmmintrin.h>
#endif

/* Unpack the weighted frequencies of 32 postings, the first of them an even one; 0 is rare. */
static void unpack_frame(const uint8_t *pairs, uint8_t *tfs) {
#ifdef __SSSE3__
    const __m128i table = _mm_loadu_si128((const __m128i *)WEIGHTED), low = _mm_set1_epi8(15);
    __m128i pair = _mm_loadu_si128((const __m128i *)pairs);
    __m128i even = _mm_shuffle_epi8(table, _mm_and_si128(pair, low));
    __m128i odd = _mm_shuffle_epi8(table, _mm_and_si128(_mm_srli_epi16(pair, 4), low));
    _mm_storeu_si128((__m128i *)tfs, _mm_unpacklo_epi8(even, odd));
    _mm_storeu_si128((__m128i *)(tfs + 16), _mm_unpackhi_epi8(even, odd));
#else
    for (int i = 0; i < FRAME / 2; i++) {
        tfs[2 * i] = WEIGHTED[pairs[i] & 15];
        tfs[2 * i + 1] = WEIGHTED[pairs[i] >> 4];
    }
#endif
}

/* Look a rare frequency up: those of a block follow one another. */
static int read_rare(Reading *reading, uint32_t posting, uint8_t *tf) {
    const Block *block = reading->block;
    const Field *field = block->field;
    if (reading->rare < 0)
        reading->rare = rare_of(field, posting, block->rare, block->rare_end);
    int64_t at = reading->rare++;
    if (at < 0 || at >= field->rares || field->rare_at[at] != posting) return DAMAGED;
    uint64_t sum = field->rare_tf[at] + 2 * (uint64_t)field->rare_title[at];
    *tf = sum > LARGEST ? LARGEST : (uint8_t)sum;
    return sum ? FINE : DAMAGED;
}

/* Unpack the weighted frequencies of the postings that were read. */
static int weigh(Reading *reading) {
    const Field *field = reading->block->field;
    uint32_t first = reading->block->first + (uint32_t)reading->place;
    int64_t from = first >> 1, end = (field->postings + 1) / 2;
    uint8_t *tfs = reading->unpacked + (first & 1);
    int rares = 0;
    for (int32_t done = 0; done < reading->count + (int32_t)(first & 1); done += FRAME, from += FRAME / 2) {
        uint8_t last[FRAME / 2] = {0};
        if (from + FRAME / 2 > end) memcpy(last, field->freqs + from, (size_t)(end - from));
        unpack_frame(from + FRAME / 2 > end ? last : field->freqs + from, reading->unpacked + done);
    }
    for (int32_t i = 0; i < reading->count; i++) rares |= tfs[i] == 0;
    for (int32_t i = 0; i < reading->count && rares; i++)
        if (!tfs[i] && read_rare(reading, first + (uint32_t)i, &tfs[i])) return DAMAGED;
    reading->tfs = tfs;
    return FINE;
}

void begin_reading(Reading *reading, const Block *block) {
    reading->block = block;
    reading->place = reading->count = 0;
    reading->word = 0;
    reading->rare = -1;
}

/* List the next documents of a bitmap, of which there are as many as postings. */
static int list_some(Reading *reading) {
    const Block *block = reading->block;
    int32_t count = 0;
    for (; reading->word < WORDS && count < SOME; reading->word++)
        for (uint64_t left = block->bits[reading->word]; left; left &= left - 1)
            reading->listed[count++] =
                (uint16_t)(reading->word * 64 + (uint32_t)__builtin_ctzll(left));
    reading->lows = reading->listed;
    reading->count = count;
    if (count > block->count - reading->place) return DAMAGED;
    return count || reading->place == block->count ? FINE : DAMAGED;
}

int read_some(Reading *reading) {
    const Block *block = reading->block;
    reading->place += reading->count;
    int32_t left = block->count - reading->place;
    if (block->lows) {
        reading->lows = block->lows + reading->place;
        reading->count = left < SOME ? left : SOME;
    } else if (list_some(reading)) return DAMAGED;
    return reading->count ? weigh(reading) : FINE;
}
