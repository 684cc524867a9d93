using MicroSpark.Grains.Cluster;
using MicroSpark.Grains.Figures;
using MicroSpark.Model;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// The jobs that somebody looks at, with all that is known of their tasks. It is asked for once and from then on only what is new; a job
/// that nobody looks at any more makes room, and goes after a while.
/// </summary>
/// <param name="update">Brings what is known of a job up to date; false when nobody knows it.</param>
internal sealed class JobShelf(Func<JobRecording, Task<bool>> update, TimeProvider time)
{
    /// <summary>How long a job stays that nobody looks at: its tasks take memory that no budget counts.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(5);

    private const int MostJobs = 16;

    /// <summary>Of all jobs on the shelf together.</summary>
    private const int MostTasks = 2_000_000;

    /// <summary>
    /// What was made of a running job is given again for so many times as long as it took to make: a job of 100,000 tasks takes no more of
    /// a core than a small one, however many look.
    /// </summary>
    private const int Rest = 50;

    /// <summary>Things that are kept of one job: the whole, with its values and without, and some parts of its stream.</summary>
    private const int MostMade = 12;

    private static readonly TimeSpan s_fresh = TimeSpan.FromMilliseconds(500);

    /// <summary>A job that has ended may still be told of by a worker that was late.</summary>
    private static readonly TimeSpan s_freshEnded = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<JobId, Place> _places = [];
    private ITimer? _sweeping;

    /// <summary>Makes something of a job as it is now; null when nobody knows the job.</summary>
    /// <param name="what">Names what is made, by the job as it is now: the same name is the same thing.</param>
    public async Task<R?> LookAsync<R>(JobId id, Func<JobRecording, string> what, Func<JobRecording, R> make)
        where R : class
    {
        var place = PlaceOf(id);
        await place.Turn.WaitAsync();
        try
        {
            var fresh = place.Recording.Summary is { Phase: not Contracts.JobPhase.Running } ? s_freshEnded : s_fresh;
            if (!place.Known || time.GetElapsedTime(place.Asked) >= fresh)
            {
                place.Known = await update(place.Recording);
                place.Asked = time.GetTimestamp();
                place.Tasks = place.Recording.Count;
            }

            return place.Known ? Make(place, what(place.Recording), make) : null;
        }
        finally
        {
            place.Turn.Release();
        }
    }

    private R Make<R>(Place place, string what, Func<JobRecording, R> make)
        where R : class
    {
        var version = place.Recording.Version;
        if (place.Made.TryGetValue(what, out var made)
            && (made.Version == version || time.GetElapsedTime(made.At) < Rest * made.Cost))
        {
            return (R)made.Value;
        }

        if (place.Made.Count >= MostMade && !place.Made.ContainsKey(what))
        {
            place.Made.Remove(place.Made.MinBy(static one => one.Value.At).Key);
        }

        var began = time.GetTimestamp();
        var value = make(place.Recording);
        place.Made[what] = new Thing(value, version, time.GetTimestamp(), time.GetElapsedTime(began));
        return value;
    }

    private Place PlaceOf(JobId id)
    {
        lock (_lock)
        {
            if (!_places.TryGetValue(id, out var place))
            {
                _places.Add(id, place = new Place(new JobRecording(id)));
            }

            place.Looked = time.GetTimestamp();
            _sweeping ??= time.Every(Idle, Sweep);
            while (_places.Count > 1
                && (_places.Count > MostJobs || _places.Values.Sum(static one => (long)one.Tasks) > MostTasks))
            {
                _places.Remove(_places.MinBy(static one => one.Value.Looked).Key);
            }

            return place;
        }
    }

    private void Sweep()
    {
        lock (_lock)
        {
            foreach (var (id, _) in _places.Where(one => time.GetElapsedTime(one.Value.Looked) >= Idle).ToArray())
            {
                _places.Remove(id);
            }

            if (_places.Count == 0)
            {
                _sweeping?.Dispose();
                _sweeping = null;
            }
        }
    }

    private readonly record struct Thing(object Value, long Version, long At, TimeSpan Cost);

    private sealed class Place(JobRecording recording)
    {
        public JobRecording Recording => recording;

        public SemaphoreSlim Turn { get; } = new(1);

        public Dictionary<string, Thing> Made { get; } = [];

        public bool Known { get; set; }

        /// <summary>Of the recording when it was last brought up to date: whoever makes room may not look into it.</summary>
        public int Tasks { get; set; }

        public long Asked { get; set; }

        public long Looked { get; set; }
    }
}
