#include "_sums.h"

#include "_champions.h"

int new_sums(Search *search, Sums *sums) {
    sums->bits = empty_bitmap(search);
    sums->sums = page(&search->space->scores);
    sums->worths = page(&search->space->scores);
    sums->lows = page(&search->space->lists);
    sums->count = 0;
    return sums->bits && sums->sums && sums->worths && sums->lows ? FINE : NO_MEMORY;
}

void add_sums(const Search *search, Sums *sums, const Node *node, float least) {
    const uint64_t *bits = node->kind == WORD ? node->block.bits : node->bits;
    const float *impacts = node->block.impacts;
    if (node->kind == WORD && node->block.lows) {
        for (int32_t i = 0; i < node->block.count; i++)
            add_sum(sums, node->block.lows[i], node->weight * impacts[i], least);
        return;
    }
    for (uint32_t word = 0; word < (uint32_t)search->words; word++)
        for (uint64_t left = bits[word]; left; left &= left - 1) {
            uint32_t low = word * 64 + (uint32_t)__builtin_ctzll(left);
            float worth = node->kind == WORD ? node->weight * *impacts++
                          : node->scores     ? node->scores[low] : 0;
            add_sum(sums, low, worth, least);
        }
}

void begin_sums(const Search *search, Sums *sums, const Node *node, double rest) {
    const Block *block = &node->block;
    Walk walk = {block, 0, 0};
    float least = node->kind == WORD ? least_impact(search, node, rest) : 0;
    if (least <= 0) {
        add_sums(search, sums, node, least_sum(search, rest));
        return;
    }
    int32_t place = next_worth(block->impacts, 0, block->count, least);
    for (; place < block->count; place = next_worth(block->impacts, place + 1, block->count, least))
        add_sum(sums, document_at(&walk, place), node->weight * block->impacts[place], 0);
}

void refine_sums(Sums *sums, Node *node) {
    float part;
    if (node->kind == WORD && !node->block.bits) {
        for (int32_t i = 0; i < node->block.count; i++) {
            uint32_t low = node->block.lows[i];
            if (has_bit(sums->bits, low)) sums->sums[low] += node->weight * node->block.impacts[i];
        }
        return;
    }
    for (int32_t i = 0; i < sums->count; i++)
        if (contributes(node, sums->lows[i], &part)) sums->sums[sums->lows[i]] += part;
}

void prune_sums(Sums *sums, float least) {
    int32_t kept = 0;
    for (int32_t i = 0; i < sums->count; i++) {
        uint16_t low = sums->lows[i];
        uint64_t gone = sums->sums[low] < least;
        sums->lows[kept] = low;
        kept += !gone;
        sums->bits[low >> 6] &= ~(gone << (low & 63));
    }
    sums->count = kept;
}

void raise_by_sums(Search *search, Sums *sums) {
    float least = least_sum(search, 0);
    int32_t count = 0;
    if (!any_looked_at(search) || sums->count < search->wanted) return;
    for (int32_t i = 0; i < sums->count; i++) {
        float worth = sums->sums[sums->lows[i]];
        sums->worths[count] = worth;
        count += (worth > least) & !is_dead(search, sums->lows[i]);
    }
    raise_by_worths(search, sums->worths, count);
}

void mark_passing(const Search *search, const Sums *sums, float least, uint64_t *bits) {
    for (int32_t i = 0; i < sums->count; i++) {
        uint16_t low = sums->lows[i];
        uint64_t passes = (sums->sums[low] >= least) & !is_dead(search, low);
        bits[low >> 6] |= passes << (low & 63);
    }
}
