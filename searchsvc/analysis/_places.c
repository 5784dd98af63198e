/* Where some tokens stand in a text, and nothing else of it: 64 letters at a time, as bits.
 *
 * Nearly every token is a run of letters and digits up to a space, so that what begins and ends
 * one follows from one bit a letter. Behind each run that ends before something else `is_end` tells
 * whether more could belong to it; only then its piece is read letter by letter, from where it
 * begins.
 */

#include "_scanner.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define CYRILLIC 0x400 /* from here on letters, and no other signs, */
#define BEYOND 0x460   /* to here */

/* What 64 letters are, a bit each. */
typedef struct {
    uint64_t words; /* letters and digits */
    uint64_t plain; /* no letters, and nothing of them belongs to a word before them */
} Bits;

int is_regular(const Scanner *scanner) {
    static const char signs[] = " \n.,";
    if (scanner->span < BEYOND) return 0;
    for (int code = 0; code < BEYOND; code += code == 127 ? CYRILLIC - 127 : 1) {
        int small = code | 0x20;
        int is_word = code >= CYRILLIC || (code >= '0' && code <= '9') ||
                      (code < 128 && small >= 'a' && small <= 'z');
        if ((scanner->classes[code] & WORD) != is_word) return 0;
    }
    for (const char *sign = signs; *sign; sign++)
        if (scanner->classes[(int)*sign] & (HYPHEN | JOINER | MORE)) return 0;
    return !(scanner->classes[' '] | scanner->classes['\n']);
}

/* Tell by the table what letters are. */
static Bits looked_up(const Scan *scan, Py_ssize_t base) {
    Bits bits = {0, 0};
    for (int i = 0; i < STRIDE; i++)
        bits.words |= (uint64_t)(class_at(scan, base + i) & WORD) << i;
    return bits;
}

#ifdef __SSE2__
#define OTHER (-1) /* the byte of what is neither ASCII nor Cyrillic */

/* Make letters smaller: ASCII as it is, Cyrillic from 0x80 on, others more than a byte. */
static inline __m128i narrowed(const Py_UCS4 *at) {
    const __m128i *four = (const __m128i *)at;
    /* What is beyond 0x7FFF becomes that. */
    __m128i letters = _mm_packs_epi32(_mm_loadu_si128(four), _mm_loadu_si128(four + 1));
    __m128i cyrillic = _mm_and_si128(_mm_cmpgt_epi16(letters, _mm_set1_epi16(CYRILLIC - 1)),
                                     _mm_cmplt_epi16(letters, _mm_set1_epi16(BEYOND)));
    __m128i others = _mm_andnot_si128(cyrillic, _mm_cmpgt_epi16(letters, _mm_set1_epi16(127)));
    letters = _mm_sub_epi16(letters, _mm_and_si128(cyrillic, _mm_set1_epi16(CYRILLIC - 0x80)));
    return _mm_or_si128(letters, _mm_srli_epi16(others, 1));
}

static inline __m128i between(__m128i bytes, char low, char high) {
    return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8(low - 1)),
                         _mm_cmplt_epi8(bytes, _mm_set1_epi8(high + 1)));
}

static inline __m128i either(__m128i bytes, char one, char other) {
    return _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(one)),
                        _mm_cmpeq_epi8(bytes, _mm_set1_epi8(other)));
}

static inline uint64_t bits_of(__m128i bytes) {
    return (uint64_t)(uint32_t)_mm_movemask_epi8(bytes);
}

/* Tell what letters are: ASCII and Cyrillic ones by comparing, others by the table. */
static Bits compared(const Scan *scan, Py_ssize_t base) {
    uint64_t words = 0, others = 0, spaces = 0, signs = 0;
    for (int i = 0; i < STRIDE; i += 16) {
        const Py_UCS4 *at = scan->at + base + i;
        __m128i bytes = _mm_packus_epi16(narrowed(at), narrowed(at + 8));
        __m128i small = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
        __m128i ascii = _mm_or_si128(between(small, 'a', 'z'), between(bytes, '0', '9'));
        words |= bits_of(_mm_or_si128(bytes, ascii)) << i;
        others |= bits_of(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(OTHER))) << i;
        spaces |= bits_of(either(bytes, ' ', '\n')) << i;
        signs |= bits_of(either(bytes, '.', ',')) << i;
    }
    for (words &= ~others; others; others &= others - 1) {
        int i = __builtin_ctzll(others);
        words |= (uint64_t)(class_at(scan, base + i) & WORD) << i;
    }
    return (Bits){words, spaces | (signs & spaces >> 1)};
}
#endif

static Bits bits_at(const Scan *scan, Py_ssize_t base) {
#ifdef __SSE2__
    if (scan->scanner->regular) return compared(scan, base);
#endif
    return looked_up(scan, base);
}

/* Tell whether more than a word may stand here, at the end of a run of letters and digits. */
static int is_odd(const Scan *scan, Py_ssize_t place) {
    if (is_end(scan, place)) return 0;
    int next = place < scan->length ? class_at(scan, place + 1) : 0;
    if (class_at(scan, place) & HYPHEN) return !(next & WORD);
    return scan->at[place] != ':' || scan->at[place + 1] == '/';
}

/* Where reading is. Tokens are counted as they begin; some of them, ascending, are wanted. */
typedef struct {
    Scan *scan;
    Py_ssize_t base, from; /* `from` is behind the last piece that was read letter by letter */
    uint64_t before;       /* whether a run of letters goes on from before `base` */
    Py_ssize_t begun, ended, closed; /* what ends before `closed` is no part of a longer piece */
    const char *wanted; /* int32, perhaps not aligned */
    Py_ssize_t count, with_start, with_end; /* of those wanted */
    int32_t *found; /* pairs: where the wanted ones start and end */
} Reading;

static Py_ssize_t wanted_at(const Reading *reading, Py_ssize_t place) {
    int32_t token;
    memcpy(&token, reading->wanted + place * (Py_ssize_t)sizeof token, sizeof token);
    return token;
}

/* Count bits; what the compiler has without special flags looks each byte up. */
static int count_of(uint64_t bits) {
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0Fu;
    return (int)(bits * 0x0101010101010101u >> 56);
}

/* Write down those of some bits whose tokens are wanted, up to the token `last`: every second number
 * from `into` on. `*first` is the token of the lowest bit, then that of the next one behind them all;
 * `place` is that of the first one that is wanted. */
static Py_ssize_t write_bits(Reading *reading, int32_t *into, uint64_t bits, Py_ssize_t *first,
                             Py_ssize_t place, Py_ssize_t last) {
    Py_ssize_t number = *first;
    *first += count_of(bits);
    for (; place < last; place++) {
        Py_ssize_t token = wanted_at(reading, place);
        if (token >= *first || !bits) break; /* as in most strides: no bit is looked at */
        for (; number < token; number++) bits &= bits - 1;
        into[2 * place] = (int32_t)(reading->base + __builtin_ctzll(bits));
    }
    return place;
}

/* Forget the runs of a piece that is read otherwise and ends here; gives where it begins. */
static Py_ssize_t forget_piece(Reading *reading, Py_ssize_t end) {
    const Scan *scan = reading->scan;
    for (;; end--) {
        while (end > reading->from && class_at(scan, end - 1) & WORD) end--;
        reading->begun--;
        if (end - reading->from < 2 || !(class_at(scan, end - 1) & HYPHEN) ||
            !(class_at(scan, end - 2) & WORD))
            break;
    }
    reading->ended = reading->begun;
    while (reading->with_start && wanted_at(reading, reading->with_start - 1) >= reading->begun)
        reading->with_start--;
    if (reading->with_end > reading->with_start) reading->with_end = reading->with_start;
    return end;
}

/* Read a piece letter by letter and go on behind it; -1 with an exception set. */
static int read_oddly(Reading *reading, Py_ssize_t start) {
    Scan *scan = reading->scan;
    scan->starts.count = scan->ends.count = 0;
    Py_ssize_t end = read_piece(scan, start), place = reading->with_start;
    if (end < 0) return -1;
    for (; place < reading->count; place++) {
        Py_ssize_t part = wanted_at(reading, place) - reading->begun;
        if (part >= scan->starts.count) break;
        reading->found[2 * place] = scan->starts.items[part];
        reading->found[2 * place + 1] = scan->ends.items[part];
    }
    reading->with_start = reading->with_end = place;
    reading->ended = reading->begun += scan->starts.count;
    reading->base = end & ~(Py_ssize_t)(STRIDE - 1);
    reading->from = reading->closed = end;
    reading->before = 0;
    return 0;
}

/* Read 64 letters, up to a piece that is not plain and with it; -1 with an exception set. */
static int read_stride(Reading *reading) {
    Py_ssize_t base = reading->base;
    Bits bits = bits_at(reading->scan, base);
    if (reading->from > base) bits.words &= ~(uint64_t)0 << (reading->from - base);
    uint64_t shifted = bits.words << 1 | reading->before;
    uint64_t starts = bits.words & ~shifted, ends = ~bits.words & shifted, odd = ends & ~bits.plain;
    while (odd && !is_odd(reading->scan, base + __builtin_ctzll(odd))) odd &= odd - 1;
    if (odd) {
        starts &= (odd & -odd) - 1;
        ends &= (odd & -odd) - 1;
    } else if (bits.plain) reading->closed = base + 63 - __builtin_clzll(bits.plain);
    reading->with_start = write_bits(reading, reading->found, starts, &reading->begun,
                                     reading->with_start, reading->count);
    reading->with_end = write_bits(reading, reading->found + 1, ends, &reading->ended,
                                   reading->with_end, reading->with_start);
    if (odd) return read_oddly(reading, forget_piece(reading, base + __builtin_ctzll(odd)));
    reading->before = bits.words >> 63;
    reading->base = base + STRIDE;
    return 0;
}

Py_ssize_t read_places(Scan *scan, const char *wanted, Py_ssize_t count, int32_t *found) {
    Reading reading = {.scan = scan, .wanted = wanted, .count = count, .found = found};
    while (reading.base <= scan->length &&
           (reading.with_end < count || (count && reading.closed < found[2 * count - 1])))
        if (read_stride(&reading) < 0) return -1;
    return reading.with_end;
}
