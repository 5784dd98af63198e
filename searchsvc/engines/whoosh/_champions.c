#include "_champions.h"

#include <stdlib.h>

#define BUCKETS 512
#define LANES 8

int give_champions(Block *block) {
    block->champions = block->count > FEWEST ? calloc(1, sizeof(Champions)) : NULL;
    return block->count > FEWEST && !block->champions ? NO_MEMORY : FINE;
}

void drop_champions(Block *block) {
    if (block->champions) free(atomic_load(&block->champions->best));
    if (block->champions) free(atomic_load(&block->champions->prints));
    free(block->champions);
}

/* Give the most of some worths, and of what is known: in lanes, since one would wait for the other. */
static float most_of(const float *worths, int32_t count, float known) {
    float most[LANES];
    int32_t i = 0;
    for (int k = 0; k < LANES; k++) most[k] = known;
    for (; i + LANES <= count; i += LANES)
        for (int k = 0; k < LANES; k++) most[k] = worths[i + k] > most[k] ? worths[i + k] : most[k];
    for (; i < count; i++) most[0] = worths[i] > most[0] ? worths[i] : most[0];
    for (int k = 0; k < LANES; k++) known = most[k] > known ? most[k] : known;
    return known;
}

float worth_of_last(const float *worths, int32_t count, int64_t wanted, float least) {
    uint32_t counts[BUCKETS] = {0};
    float most = most_of(worths, count, least);
    if (count < wanted || !(most - least > 1e-30f && most < 1e30f)) return least;
    float scale = (BUCKETS - 1) / (most - least);
    int64_t above = 0;
    int bucket = BUCKETS;
    for (int32_t i = 0; i < count; i++) {
        float more = worths[i] - least;
        counts[(int)((more > 0 ? more : 0) * scale)]++;
    }
    while (above < wanted && bucket > 0) above += counts[--bucket];
    /* What is in a bucket may be rounded up into it. */
    return bucket ? least + ((float)bucket - 0.01f) / scale * (1 - 1e-6f) : least;
}

static void choose(const Block *block, Champion *best) {
    int32_t known = 0, place = -1;
    float least = worth_of_last(block->impacts, block->count, CHAMPIONS, 0);
    Walk walk = {block, 0, 0};
    for (;;) {
        place = next_worth(block->impacts, place + 1, block->count, least);
        if (place >= block->count) return;
        float impact = block->impacts[place];
        if (known == CHAMPIONS && impact <= best[CHAMPIONS - 1].impact) continue;
        int32_t at = known < CHAMPIONS ? known++ : CHAMPIONS - 1;
        for (; at > 0 && best[at - 1].impact < impact; at--) best[at] = best[at - 1];
        best[at] = (Champion){impact, (uint16_t)document_at(&walk, place)};
    }
}

const Champion *champions_of(const Block *block) {
    if (!block->champions || block->count <= CHAMPIONS) return NULL;
    Champion *known = atomic_load(&block->champions->best);
    if (known) return known;
    Champion *best = calloc(CHAMPIONS, sizeof(Champion));
    if (!best) return NULL;
    choose(block, best);
    if (atomic_compare_exchange_strong(&block->champions->best, &known, best)) return best;
    free(best); /* another thread was faster */
    return known;
}
