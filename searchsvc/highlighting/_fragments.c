/* Fragments: from a text's letters and the matches in it to the pieces that are shown.
 *
 * Does what `portable_fragments.py` does, function by function, 8 times as fast; the tests hold one
 * against the other.
 */

#include "_highlighting.h"

#define PER_CLAUSE 100 /* matches of one clause that are weighed; portable_fragments.PER_CLAUSE */
#define CLAUSES 64     /* a bit for each */

/* ---- pieces ------------------------------------------------------------------------------- */

int append(Pieces *pieces, Py_ssize_t start, Py_ssize_t end, uint64_t tag) {
    if (pieces->count == pieces->room) {
        Py_ssize_t room = pieces->room ? 2 * pieces->room : 32;
        Piece *items = realloc(pieces->items, (size_t)room * sizeof *items);
        if (!items) {
            PyErr_NoMemory();
            return -1;
        }
        pieces->items = items;
        pieces->room = room;
    }
    pieces->items[pieces->count++] = (Piece){start, end, tag};
    return 0;
}

static int compare(const void *one, const void *two) {
    const Piece *a = one, *b = two;
    if (a->start != b->start) return a->start < b->start ? -1 : 1;
    if (a->end != b->end) return a->end < b->end ? -1 : 1;
    return a->tag < b->tag ? -1 : a->tag > b->tag;
}

void sort(Pieces *pieces) {
    Py_ssize_t sorted = 1;
    while (sorted < pieces->count &&
           compare(&pieces->items[sorted - 1], &pieces->items[sorted]) <= 0)
        sorted++;
    if (sorted < pieces->count)
        qsort(pieces->items, (size_t)pieces->count, sizeof *pieces->items, compare);
}

int merge(const Pieces *matches, Pieces *marks) {
    Py_ssize_t last = 0;
    for (Py_ssize_t i = 0; i < matches->count; i++) {
        Piece match = matches->items[i];
        if (match.start >= last) {
            if (append(marks, match.start, match.end, 0) < 0) return -1;
            last = match.end;
        } else if (match.end > last) marks->items[marks->count - 1].end = last = match.end;
    }
    return 0;
}

/* Find the first of sorted pieces that begins at a place or after it. */
static Py_ssize_t first_from(const Pieces *pieces, Py_ssize_t place) {
    Py_ssize_t low = 0, high = pieces->count;
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (pieces->items[middle].start < place) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* Find the first of sorted disjoint pieces that ends at a place or after it. */
static Py_ssize_t first_until(const Pieces *pieces, Py_ssize_t place) {
    Py_ssize_t low = 0, high = pieces->count;
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (pieces->items[middle].end < place) low = middle + 1;
        else high = middle;
    }
    return low;
}

/* ---- words -------------------------------------------------------------------------------- */

/* Find the first beginning of a word between two places; `high` where there is none. */
static Py_ssize_t word_start(const Text *text, Py_ssize_t low, Py_ssize_t high) {
    if (low > 0 && !is(text, low - 1, SPACE))
        while (low < high && !is(text, low, SPACE)) low++;
    while (low < high && is(text, low, SPACE)) low++;
    return low;
}

/* Find the last end of a word between two places; `low` where there is none. */
static Py_ssize_t word_end(const Text *text, Py_ssize_t low, Py_ssize_t high) {
    while (high > low &&
           (is(text, high - 1, SPACE) || (high < text->length && !is(text, high, SPACE))))
        high--;
    return high;
}

static Piece trimmed(const Text *text, Py_ssize_t low, Py_ssize_t high) {
    while (low < high && is(text, low, SPACE)) low++;
    while (high > low && is(text, high - 1, SPACE)) high--;
    return (Piece){low, high > low ? high : low, 0};
}

/* ---- one text ----------------------------------------------------------------------------- */

typedef struct {
    const Text *text;
    Py_ssize_t length;    /* of a fragment, at most */
    const Pieces *matches; /* those that are weighed */
    const Pieces *shown;   /* the marks of those */
    const Pieces *marks;   /* of all */
    Pieces sentences, pieces;
} Work;

/* A possible fragment: how many clauses have matches inside, a bit for each, how many matches. */
typedef struct {
    Piece piece;
    uint64_t clauses;
    int count;
    Py_ssize_t matches;
} Candidate;

/* Append the sentences between two places of the text; -1 with an exception set. */
static int read_between(const Text *text, Py_ssize_t start, Py_ssize_t end, Pieces *found) {
    Text part = *text;
    Py_UCS4 behind = text->letters[end];
    part.length = end;
    part.letters[end] = 0;
    int failed = read_sentences(&part, start, found);
    part.letters[end] = behind;
    return failed;
}

/* List the sentences around the marks; what lies further away may be cut or missing. */
static int read_near(Work *work) {
    const Text *text = work->text;
    Py_ssize_t begin = 0, end = 0, reach = work->length + 1;
    for (Py_ssize_t i = 0; i < work->shown->count; i++) {
        Piece mark = work->shown->items[i];
        Py_ssize_t cut = mark.start - reach, after = mark.end + reach;
        while (cut > end && !is(text, cut, WORD)) cut--;
        if (cut > end) {
            if (read_between(text, begin, end, &work->sentences) < 0) return -1;
            begin = cut;
        }
        if (after > text->length) after = text->length;
        if (after > end) end = after;
    }
    return read_between(text, begin, end, &work->sentences);
}

/* Tell whether a mark stands across the beginning of a sentence. */
static int stands_across(const Pieces *sentences, const Pieces *marks) {
    Py_ssize_t before = 0, inside = 0;
    for (Py_ssize_t i = 0; i < marks->count; i++) {
        Piece mark = marks->items[i];
        while (before < sentences->count && sentences->items[before].start <= mark.start) before++;
        while (inside < sentences->count && sentences->items[inside].start < mark.end) inside++;
        if (before != inside) return 1;
    }
    return 0;
}

/* Join sentences that one mark stands across, as a phrase does in «ул. Ленина». */
static void unbreak(Pieces *sentences, const Pieces *marks) {
    Py_ssize_t number = 0, kept = 0;
    if (!stands_across(sentences, marks)) return;
    for (Py_ssize_t i = 0; i < sentences->count; i++) {
        Piece own = sentences->items[i];
        while (number < marks->count && marks->items[number].end <= own.start) number++;
        if (kept && number < marks->count &&
            marks->items[number].start < sentences->items[kept - 1].end)
            sentences->items[kept - 1].end = own.end;
        else sentences->items[kept++] = own;
    }
    sentences->count = kept;
}

/* Add following sentences, then preceding ones, while they fit; lines are joined if short. */
static Piece grown(const Pieces *sentences, Py_ssize_t number, Py_ssize_t length) {
    const Piece *items = sentences->items;
    Py_ssize_t start = items[number].start, end = items[number].end;
    uint64_t opened = items[number].tag;
    for (Py_ssize_t after = number + 1; after < sentences->count; after++) {
        if (items[after].end - start > length || (items[after].tag && end - start > length / 3))
            break;
        end = items[after].end;
    }
    for (Py_ssize_t before = number - 1; before >= 0; before--) {
        if (opened || end - items[before].start > length || end - start > length / 2) break;
        start = items[before].start;
        opened = items[before].tag;
    }
    return (Piece){start, end, 0};
}

/* Cut a piece of a long sentence around a match, at word borders and between marks. */
static Piece window(const Work *work, Py_ssize_t start, Py_ssize_t end, Piece found) {
    const Text *text = work->text;
    const Piece *marks = work->marks->items;
    Py_ssize_t length = work->length, low = start;
    if (found.end - start > length * 2 / 3) {
        Py_ssize_t context = length - (found.end - found.start);
        if (context > length / 3) context = length / 3;
        if (context < 0) context = 0;
        low = found.start - context < end - length ? found.start - context : end - length;
        low = word_start(text, low > start ? low : start, found.start);
    }
    Py_ssize_t before = first_until(work->marks, low);
    if (before < work->marks->count && marks[before].start < low && low < marks[before].end &&
        marks[before].end <= found.start)
        low = word_start(text, marks[before].end, found.start);
    Py_ssize_t high = low + length < end ? low + length : end;
    if (high < end) {
        Py_ssize_t after = first_until(work->marks, high + 1);
        if (after < work->marks->count && found.end <= marks[after].start &&
            marks[after].start < high)
            high = marks[after].start;
        high = word_end(text, found.end < high ? found.end : high, high);
    }
    return trimmed(text, low, high);
}

static int add(Work *work, Piece piece) {
    return piece.start < piece.end ? append(&work->pieces, piece.start, piece.end, 0) : 0;
}

/* Append the windows around a mark in a long sentence; gives the end of the last one, or -1. */
static Py_ssize_t add_windows(Work *work, Piece own, Piece found, Py_ssize_t earlier) {
    Piece cut = window(work, own.start, own.end, found);
    if (add(work, cut) < 0) return -1;
    if (cut.start >= earlier || earlier > found.start) return cut.end;
    cut = window(work, word_start(work->text, earlier, found.start), own.end, found);
    return add(work, cut) < 0 ? -1 : cut.end;
}

/* List every piece around a mark that is fit to be a fragment; -1 with an exception set. */
static int list_pieces(Work *work) {
    const Pieces *sentences = &work->sentences;
    Py_ssize_t last = -1, earlier = 0, next = 0;
    for (Py_ssize_t i = 0; i < work->shown->count; i++) {
        Piece found = work->shown->items[i];
        while (next < sentences->count && sentences->items[next].start <= found.start) next++;
        Py_ssize_t number = next - 1;
        if (number < 0 || found.start >= sentences->items[number].end)
            continue; /* a match of white space alone is nothing to show */
        Piece own = sentences->items[number];
        if (own.end - own.start > work->length) {
            earlier = add_windows(work, own, found, number == last ? earlier : 0);
            if (earlier < 0) return -1;
        } else if (number != last) {
            Piece more = grown(sentences, number, work->length);
            if (add(work, more) < 0) return -1;
            if ((more.start != own.start || more.end != own.end) && add(work, own) < 0) return -1;
        }
        last = number;
    }
    return 0;
}

/* Tell whether the first piece holds all others, so that none is better and none beside it. */
static int holds_all(const Pieces *pieces) {
    for (Py_ssize_t i = 1; i < pieces->count; i++)
        if (pieces->items[i].start < pieces->items[0].start ||
            pieces->items[i].end > pieces->items[0].end)
            return 0;
    return 1;
}

static Candidate candidate(Piece piece, const Pieces *matches) {
    Candidate found = {.piece = piece};
    for (Py_ssize_t i = first_from(matches, piece.start); i < matches->count; i++) {
        Piece match = matches->items[i];
        if (match.start >= piece.end) break;
        if (match.end > piece.end) continue;
        found.clauses |= (uint64_t)1 << match.tag;
        found.matches++;
    }
    found.count = __builtin_popcountll(found.clauses);
    return found;
}

/* Tell whether a fragment is better than another where so many clauses are not shown yet. */
static int is_better(const Candidate *one, const Candidate *other, uint64_t missing) {
    int own = __builtin_popcountll(one->clauses & missing);
    int others = __builtin_popcountll(other->clauses & missing);
    if (own != others) return own > others;
    if (one->count != other->count) return one->count > other->count;
    if (one->matches != other->matches) return one->matches > other->matches;
    if (one->piece.start != other->piece.start) return one->piece.start < other->piece.start;
    return one->piece.end > other->piece.end;
}

/* Take the best candidate, then the best of those beside it, and so on. */
static int take_best(Candidate *all, Py_ssize_t count, Py_ssize_t limit, Pieces *chosen) {
    uint64_t missing = ~(uint64_t)0;
    while (count && chosen->count < limit) {
        Candidate best = all[0];
        Py_ssize_t kept = 0;
        for (Py_ssize_t i = 1; i < count; i++)
            if (is_better(&all[i], &best, missing)) best = all[i];
        if (append(chosen, best.piece.start, best.piece.end, 0) < 0) return -1;
        missing &= ~best.clauses;
        for (Py_ssize_t i = 0; i < count; i++)
            if (all[i].piece.end <= best.piece.start || all[i].piece.start >= best.piece.end)
                all[kept++] = all[i];
        count = kept;
    }
    return 0;
}

static int choose(const Work *work, Py_ssize_t limit, Pieces *chosen) {
    const Pieces *pieces = &work->pieces;
    if (!pieces->count) return 0;
    if (holds_all(pieces)) return append(chosen, pieces->items[0].start, pieces->items[0].end, 0);
    Candidate *all = malloc((size_t)pieces->count * sizeof *all);
    if (!all) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < pieces->count; i++)
        all[i] = candidate(pieces->items[i], work->matches);
    int failed = take_best(all, pieces->count, limit, chosen);
    free(all);
    return failed;
}

/* Take the first matches of each clause, by place; -1 with an exception set. */
static int weigh(const Pieces *matches, Pieces *weighed) {
    int seen[CLAUSES] = {0};
    for (Py_ssize_t i = 0; i < matches->count; i++) {
        Piece match = matches->items[i];
        if (seen[match.tag] == PER_CLAUSE) continue;
        seen[match.tag]++;
        if (append(weighed, match.start, match.end, match.tag) < 0) return -1;
    }
    return 0;
}

static int choose_around(const Text *text, const Pieces *matches, const Pieces *marks,
                         Py_ssize_t limit, Py_ssize_t length, Pieces *chosen) {
    Work work = {.text = text, .length = length, .matches = matches, .shown = marks, .marks = marks};
    Pieces weighed = {0}, shown = {0};
    int failed = 0;
    if (matches->count > PER_CLAUSE) {
        failed = weigh(matches, &weighed) < 0;
        if (!failed && weighed.count < matches->count) {
            failed = merge(&weighed, &shown) < 0;
            work.matches = &weighed;
            work.shown = &shown;
        }
    }
    failed = failed || read_near(&work) < 0;
    if (!failed) {
        unbreak(&work.sentences, marks);
        failed = list_pieces(&work) < 0 || choose(&work, limit, chosen) < 0;
    }
    free(weighed.items);
    free(shown.items);
    free(work.sentences.items);
    free(work.pieces.items);
    return failed ? -1 : 0;
}

/* Append the beginning of the head of a text, which is a text of its own. */
static int append_beginning(const Text *head, Py_ssize_t start, Py_ssize_t length, Pieces *chosen) {
    Pieces sentences = {0};
    int failed = read_sentences(head, 0, &sentences) < 0;
    if (!failed && sentences.count) {
        Piece first = grown(&sentences, 0, length);
        if (first.end > length) {
            Py_ssize_t end = word_end(head, 0, length);
            first = (Piece){0, end ? end : length, 0};
        }
        failed = append(chosen, start + first.start, start + first.end, 0) < 0;
    }
    free(sentences.items);
    return failed ? -1 : 0;
}

static int choose_beginning(const Text *text, Py_ssize_t length, Pieces *chosen) {
    Py_ssize_t start = after_all(text, 0, SPACE), end = start + 2 * length;
    if (end > text->length) end = text->length;
    Text head = *text;
    head.text = PyUnicode_Substring(text->text, start, end);
    if (!head.text) return -1;
    head.letters += start;
    head.length = end - start;
    Py_UCS4 behind = text->letters[end];
    text->letters[end] = 0;
    int failed = append_beginning(&head, start, length, chosen);
    text->letters[end] = behind;
    Py_DECREF(head.text);
    return failed;
}

int choose_fragments(const Text *text, const Pieces *matches, const Pieces *marks,
                     Py_ssize_t limit, Py_ssize_t length, Pieces *chosen) {
    if (marks->count && choose_around(text, matches, marks, limit, length, chosen) < 0) return -1;
    if (!chosen->count && choose_beginning(text, length, chosen) < 0) return -1;
    sort(chosen);
    return 0;
}
