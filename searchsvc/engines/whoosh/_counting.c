/* Facets: how many of the matches carry each value. */

#include "_search.h"

#include <string.h>

#define FEW 1024 /* values that are counted beside one another, */
#define LANES 4  /* in so many arrays: one counter raised twice in a row waits for itself */

/* Count the ordinals of documents in lanes, from -1 on. Gives whether one is too large. */
#define COUNT(name, type)                                                                       \
    static int name(const type *own, const uint16_t *lows, int32_t count, uint32_t values,      \
                    uint32_t *lanes) {                                                          \
        int beyond = 0;                                                                         \
        for (int32_t i = 0; i < count; i++) {                                                   \
            uint32_t number = (uint32_t)(int32_t)own[lows[i]] + 1;                              \
            beyond |= number > values;                                                          \
            lanes[(i % LANES) * (FEW + 1) + (number > values ? 0 : number)]++;                  \
        }                                                                                       \
        return beyond;                                                                          \
    }

COUNT(count_bytes, int8_t)
COUNT(count_shorts, int16_t)
COUNT(count_words, int32_t)

/* Count a value so many times; an ordinal may stand for another number. */
static int add_count(const Column *column, Facet *facet, int64_t number, uint32_t times) {
    if (number < 0 || number >= column->values) return DAMAGED;
    if (column->numbers) number = column->numbers[number];
    if (number < 0 || number >= facet->values) return DAMAGED;
    facet->counts[number] += times;
    return FINE;
}

/* Count the values of many documents that have one each, or none. */
static int count_ones(const Search *search, const Column *column, Facet *facet, const uint16_t *lows,
                      int32_t count) {
    uint32_t lanes[LANES * (FEW + 1)], values = (uint32_t)column->values;
    int beyond;
    for (int lane = 0; lane < LANES; lane++)
        memset(lanes + lane * (FEW + 1), 0, (values + 1) * sizeof(uint32_t));
    const char *own = (const char *)column->ordinals + (int64_t)search->base * column->width;
    if (column->width == 1) beyond = count_bytes((const int8_t *)own, lows, count, values, lanes);
    else if (column->width == 2)
        beyond = count_shorts((const int16_t *)own, lows, count, values, lanes);
    else beyond = count_words((const int32_t *)own, lows, count, values, lanes);
    for (uint32_t value = 0; value < values && !beyond; value++) {
        uint32_t times = 0;
        for (int lane = 0; lane < LANES; lane++) times += lanes[lane * (FEW + 1) + value + 1];
        if (times && add_count(column, facet, value, times)) return DAMAGED;
    }
    return beyond ? DAMAGED : FINE;
}

/* Count the values of documents one by one. */
static int count_each(const Search *search, const Column *column, Facet *facet, const uint16_t *lows,
                      int32_t count) {
    int64_t first, last;
    for (int32_t i = 0; i < count; i++) {
        if (values_of(column, (int64_t)search->base + lows[i], &first, &last)) return DAMAGED;
        for (; first < last; first++) {
            int64_t ordinal = ordinal_at(column, first);
            if (ordinal != -1 && add_count(column, facet, ordinal, 1)) return DAMAGED;
        }
    }
    return FINE;
}

int count_facets(Search *search, const uint16_t *lows, int32_t count) {
    if (search->facet_count && !all_inside(search, lows, count)) return DAMAGED;
    for (int64_t i = 0; i < search->facet_count; i++) {
        Facet *facet = &search->facets[i];
        const Column *column = &facet->columns[search->number];
        if (!column->ordinals) continue;
        if (late(&search->clock, count)) return LATE;
        int many = !column->starts && column->values <= FEW && count > 2 * column->values;
        int status = (many ? count_ones : count_each)(search, column, facet, lows, count);
        if (status) return status;
    }
    return FINE;
}
