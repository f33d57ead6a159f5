// The Numenta Anomaly Benchmark (NAB 1.1) over the detector of one series (src/risk/surprise.h), scored by NAB's rules.
//   nab_bench FOLDER    with data/, labels/combined_windows.json and results/final_results.json in it; prints JSON
//
// The rules, after NAB's paper and README: of each file the first 15 % (at most 750 rows) are not scored. In a labelled window the
// earliest row at or over the threshold earns by a sigmoid of its place, 1 at the left edge, 0 at the right; a window without one costs the
// profile's weight of misses. Each such row outside costs the weight of false alarms, times a sigmoid of the way from the last
// window behind. One threshold for all files, the best for each profile. 0 is the score of silence, 100 of one who finds all at once.
//
// Whether this scorer is NAB's is seen by the windowed Gaussian, a detector of a few lines, which is made again here: NAB published 39.65.
#include "bench/measure.h"
#include "risk/surprise.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>
#include <deque>
#include <fstream>
#include <functional>
#include <numeric>
#include <string>

namespace holdfast::bench {
namespace {

using Json = nlohmann::json;
using Scores = std::vector<double>;

struct Row {
  double weight = 0;        // When it is told: of a window from 0 to 1; outside from -1 to 1, to be multiplied by the profile's weight.
  std::size_t window = 0;   // from 1; 0: outside
};
struct File {
  std::string name;
  std::vector<double> values;
  std::vector<Row> rows;
  std::size_t probation = 0;
};
struct Corpus {
  std::vector<File> files;
  std::size_t windows = 0;
};
struct Profile {
  const char* name;
  double miss, false_alarm;
};
constexpr Profile kProfiles[] = {{"standard", 1, 0.11}, {"reward_low_FP_rate", 1, 0.22}, {"reward_low_FN_rate", 2, 0.11}};

double scaled_sigmoid(double place) { return place >= 3 ? -1 : 2 / (1 + std::exp(5 * place)) - 1; }

// The weight of each row by its place; times are texts, and windows name them.
void weigh(File& file, const std::vector<std::string>& times, const Json& windows, std::size_t& count) {
  const auto row_of = [&](const Json& time) {
    const auto found = std::ranges::find(times, time.get<std::string>().substr(0, 19));
    return static_cast<std::size_t>(found - times.begin());
  };
  file.rows.resize(times.size());
  for (std::size_t i = 0; i < times.size(); ++i) file.rows[i].weight = -1;
  for (const Json& window : windows) {
    const std::size_t left = row_of(window[0]);
    const std::size_t right = row_of(window[1]);
    const auto width = static_cast<double>(right - left + 1);
    ++count;
    for (std::size_t i = left; i < times.size(); ++i) {
      const double place = static_cast<double>(i) - static_cast<double>(right);
      const bool inside = i <= right;
      file.rows[i].window = inside ? count : 0;
      file.rows[i].weight = inside ? scaled_sigmoid((place - 1) / width) / scaled_sigmoid(-1) : scaled_sigmoid(place / (width - 1));
    }
  }
}

Corpus read_corpus(const std::string& folder) {
  std::ifstream labels(folder + "/labels/combined_windows.json");
  const Json windows = Json::parse(labels);
  Corpus corpus;
  for (const auto& [name, of_file] : windows.items()) {
    File file{name, {}, {}, 0};
    std::vector<std::string> times;
    std::ifstream in(folder + "/data/" + name);
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
      const auto comma = line.find(',');
      if (comma == std::string::npos) continue;
      times.push_back(line.substr(0, comma));
      file.values.push_back(std::stod(line.substr(comma + 1)));
    }
    file.probation = std::min<std::size_t>(file.values.size() * 15 / 100, 750);
    weigh(file, times, of_file, corpus.windows);
    corpus.files.push_back(std::move(file));
  }
  return corpus;
}

using Detector = std::function<Scores(const std::vector<double>&)>;

Scores ours(const std::vector<double>& values) {
  risk::Surprise series;
  Scores scores;
  for (const double value : values) scores.push_back(static_cast<double>(series.add(std::llround(value * 1e6))));
  return scores;
}

// NAB's windowed Gaussian: the last 6,400, moved on by 100; a score of 1 less the tail's probability. NAB wrote scores with 12 digits.
Scores windowed_gaussian(const std::vector<double>& values) {
  std::deque<double> window;
  std::vector<double> waiting;
  double mean = 0, deviation = 1;
  const auto measure = [&] {
    const auto n = static_cast<double>(window.size());
    mean = std::accumulate(window.begin(), window.end(), 0.0) / n;
    double sum = 0;
    for (const double value : window) sum += (value - mean) * (value - mean);
    deviation = sum > 0 ? std::sqrt(sum / n) : 1e-6;
  };
  Scores scores;
  for (const double value : values) {
    const double tail = 0.5 * std::erfc(std::abs(value - mean) / deviation / 1.4142);
    scores.push_back(window.empty() ? 0 : std::round((1 - tail) * 1e12) / 1e12);
    if (window.size() < 6'400) {
      window.push_back(value);
      measure();
    } else if (waiting.push_back(value); waiting.size() == 100) {
      window.erase(window.begin(), window.begin() + 100);
      window.insert(window.end(), waiting.begin(), waiting.end());
      waiting.clear();
      measure();
    }
  }
  return scores;
}

struct Told {
  double score;
  Row row;
};
struct Best {
  double score = 0;
  double threshold = 0;
};

// Row by row from the highest score down, as NAB does: after each height, what would be earned with the threshold there.
Best best_of(const Corpus& corpus, const std::vector<Scores>& scores, const Profile& profile,
             const std::function<bool(std::size_t)>& takes) {
  std::vector<Told> told;
  std::vector<double> of_window(corpus.windows + 1, -profile.miss);
  std::vector<bool> counts(corpus.windows + 1);
  for (std::size_t f = 0; f < corpus.files.size(); ++f) {
    if (!takes(f)) continue;
    const File& file = corpus.files[f];
    for (std::size_t i = file.probation; i < file.values.size(); ++i) {
      counts[file.rows[i].window] = true;
      if (scores[f][i] > 0) told.push_back({scores[f][i], file.rows[i]});
    }
  }
  const double windows = static_cast<double>(std::count(counts.begin() + 1, counts.end(), true));
  std::ranges::sort(told, std::greater{}, &Told::score);
  double sum = -profile.miss * windows;
  Best best{sum, 0};
  for (std::size_t i = 0; i < told.size(); ++i) {
    const Row& row = told[i].row;
    double& earned = of_window[row.window];
    if (row.window == 0) sum += row.weight * profile.false_alarm;
    else if (row.weight > earned) sum += row.weight - std::exchange(earned, row.weight);
    const bool last_of_height = i + 1 == told.size() || told[i + 1].score != told[i].score;
    if (last_of_height && sum > best.score) best = {sum, told[i].score};
  }
  best.score = 100 * (best.score + profile.miss * windows) / (windows + profile.miss * windows);
  return best;
}

// With the threshold given.
double score_at(const Corpus& corpus, std::vector<Scores> scores, double threshold, const std::function<bool(std::size_t)>& takes) {
  for (Scores& of_file : scores) {
    for (double& score : of_file) score = score >= threshold ? 1 : 0;
  }
  return best_of(corpus, scores, kProfiles[0], takes).score;
}

std::vector<Scores> run(const Corpus& corpus, const Detector& detector) {
  std::vector<Scores> scores;
  for (const File& file : corpus.files) scores.push_back(detector(file.values));
  return scores;
}

// Of each folder: windows, found, alarms outside.
Json by_folder(const Corpus& corpus, const std::vector<Scores>& scores, double threshold) {
  Json out = Json::object();
  for (std::size_t f = 0; f < corpus.files.size(); ++f) {
    const File& file = corpus.files[f];
    std::vector<bool> there(corpus.windows + 1), found(corpus.windows + 1);
    Json& sum = out[file.name.substr(0, file.name.find('/'))];
    if (sum.is_null()) sum = {{"files", 0}, {"windows", 0}, {"found", 0}, {"told_outside", 0}};
    for (std::size_t i = file.probation; i < file.rows.size(); ++i) {
      const Row& row = file.rows[i];
      const bool told = scores[f][i] >= threshold;
      if (row.window == 0) sum["told_outside"] = sum["told_outside"].get<int>() + (told ? 1 : 0);
      else there[row.window] = true, found[row.window] = found[row.window] || told;
    }
    sum["files"] = sum["files"].get<int>() + 1;
    sum["windows"] = sum["windows"].get<int>() + std::count(there.begin(), there.end(), true);
    sum["found"] = sum["found"].get<int>() + std::count(found.begin(), found.end(), true);
  }
  return out;
}

double rounded(double score) { return std::round(score * 100) / 100; }

Json measured(const Corpus& corpus) {
  const auto all = [](std::size_t) { return true; };
  const auto even = [](std::size_t f) { return f % 2 == 0; };
  const auto odd = [](std::size_t f) { return f % 2 == 1; };
  std::size_t numbers = 0;
  for (const File& file : corpus.files) numbers += file.values.size();
  const double start = cpu_seconds();
  const auto scores = run(corpus, ours);
  const double took = cpu_seconds() - start;
  Json out{{"files", corpus.files.size()}, {"windows", corpus.windows}, {"numbers", numbers}};
  for (const Profile& profile : kProfiles) out["score"][profile.name] = rounded(best_of(corpus, scores, profile, all).score);
  const double threshold = best_of(corpus, scores, kProfiles[0], all).threshold;
  out["threshold_millionths"] = threshold;
  const double from_even = best_of(corpus, scores, kProfiles[0], even).threshold;
  const double from_odd = best_of(corpus, scores, kProfiles[0], odd).threshold;
  out["standard_with_the_threshold_of_the_other_half"] = {rounded(score_at(corpus, scores, from_odd, even)),
                                                          rounded(score_at(corpus, scores, from_even, odd))};
  out["by_folder"] = by_folder(corpus, scores, threshold);
  out["us_a_number"] = rounded(took * 1e6 / static_cast<double>(numbers));
  const auto gaussian = run(corpus, windowed_gaussian);
  out["scorer_check"] = {{"windowed_gaussian", rounded(best_of(corpus, gaussian, kProfiles[0], all).score)}, {"published", 39.65}};
  return out;
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) {
  using namespace holdfast::bench;
  if (argc != 2) return std::fprintf(stderr, "nab_bench FOLDER\n"), 2;
  const Corpus corpus = read_corpus(argv[1]);
  std::printf("%s\n", measured(corpus).dump(2).c_str());
  return 0;
}
