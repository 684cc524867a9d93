using MicroSpark.Grains.Figures;
using MicroSpark.Model;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// The jobs that somebody looks at, with all that is known of their tasks. It is asked for once and from then on only what is new; a job
/// that nobody looks at any more makes room.
/// </summary>
internal sealed class JobShelf(ClusterFeed feed)
{
    private const int MostJobs = 16;

    /// <summary>Of all jobs on the shelf together.</summary>
    private const int MostTasks = 2_000_000;

    private static readonly TimeSpan s_fresh = TimeSpan.FromMilliseconds(200);

    /// <summary>A job that has ended may still be told of by a worker that was late.</summary>
    private static readonly TimeSpan s_freshEnded = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly Dictionary<JobId, Place> _places = [];

    /// <summary>Makes something of a job as it is now; null when nobody knows the job.</summary>
    public async Task<R?> LookAsync<R>(JobId id, Func<JobRecording, R> make)
        where R : class
    {
        var place = PlaceOf(id);
        await place.Turn.WaitAsync();
        try
        {
            var fresh = place.Recording.Summary is { Phase: not Contracts.JobPhase.Running } ? s_freshEnded : s_fresh;
            if (!place.Known || feed.Time.GetElapsedTime(place.Asked) >= fresh)
            {
                place.Known = await feed.UpdateAsync(place.Recording);
                place.Asked = feed.Time.GetTimestamp();
            }

            return place.Known ? make(place.Recording) : null;
        }
        finally
        {
            place.Turn.Release();
        }
    }

    private Place PlaceOf(JobId id)
    {
        lock (_lock)
        {
            if (!_places.TryGetValue(id, out var place))
            {
                _places.Add(id, place = new Place(new JobRecording(id)));
            }

            place.Looked = feed.Time.GetTimestamp();
            while (_places.Count > 1 && (_places.Count > MostJobs || _places.Values.Sum(static one => (long)one.Recording.Count) > MostTasks))
            {
                _places.Remove(_places.MinBy(static one => one.Value.Looked).Key);
            }

            return place;
        }
    }

    private sealed class Place(JobRecording recording)
    {
        public JobRecording Recording => recording;

        public SemaphoreSlim Turn { get; } = new(1);

        public bool Known { get; set; }

        public long Asked { get; set; }

        public long Looked { get; set; }
    }
}
