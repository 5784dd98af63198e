/* Where tokens stand in a text, and nothing else of them: 64 letters at a time, as bits.
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

/* Find where the piece began that a run belongs to which ends here. */
static Py_ssize_t piece_start(const Scan *scan, Py_ssize_t from, Py_ssize_t end) {
    for (;;) {
        while (end > from && class_at(scan, end - 1) & WORD) end--;
        if (end - from < 2 || !(class_at(scan, end - 1) & HYPHEN) ||
            !(class_at(scan, end - 2) & WORD))
            return end;
        end--;
    }
}

static void append_bits(Numbers *numbers, Py_ssize_t base, uint64_t bits) {
    for (; bits; bits &= bits - 1)
        numbers->items[numbers->count++] = (int32_t)(base + __builtin_ctzll(bits));
}

/* Forget the tokens of a piece that is read otherwise. */
static void forget_from(Scan *scan, Py_ssize_t start) {
    Numbers *starts = &scan->starts, *ends = &scan->ends;
    while (starts->count && starts->items[starts->count - 1] >= start) starts->count--;
    while (ends->count && ends->items[ends->count - 1] > start) ends->count--;
}

/* Where reading is: `from` is behind the last piece that was read letter by letter. */
typedef struct {
    Py_ssize_t base, from;
    uint64_t before; /* whether a run of letters goes on from before `base` */
} Reading;

/* Append the tokens of 64 letters, up to a piece that is not plain and with it; -1 with an
 * exception set. */
static int read_stride(Scan *scan, Reading *reading) {
    Py_ssize_t base = reading->base;
    Bits bits = bits_at(scan, base);
    if (reading->from > base) bits.words &= ~(uint64_t)0 << (reading->from - base);
    uint64_t shifted = bits.words << 1 | reading->before;
    uint64_t starts = bits.words & ~shifted, ends = ~bits.words & shifted, odd = ends & ~bits.plain;
    while (odd && !is_odd(scan, base + __builtin_ctzll(odd))) odd &= odd - 1;
    if (odd) starts &= (odd & -odd) - 1, ends &= (odd & -odd) - 1;
    if (grow(&scan->starts, STRIDE) < 0 || grow(&scan->ends, STRIDE) < 0) return -1;
    append_bits(&scan->starts, base, starts);
    append_bits(&scan->ends, base, ends);
    reading->before = bits.words >> 63;
    reading->base = base + STRIDE;
    if (!odd) return 0;
    Py_ssize_t start = piece_start(scan, reading->from, base + __builtin_ctzll(odd));
    forget_from(scan, start);
    Py_ssize_t end = read_piece(scan, start);
    *reading = (Reading){end & ~(Py_ssize_t)(STRIDE - 1), end, 0};
    return end < 0 ? -1 : 0;
}

int read_places(Scan *scan) {
    Reading reading = {0, 0, 0};
    while (reading.base <= scan->length && scan->ends.count < scan->most)
        if (read_stride(scan, &reading) < 0) return -1;
    scan->starts.count = scan->ends.count; /* a run may not have ended yet */
    return 0;
}
