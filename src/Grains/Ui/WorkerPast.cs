using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Ui;

/// <summary>
/// The last seconds of one worker as the page knows them: a look asks for those that may have changed, and not for all again.
/// </summary>
internal sealed class WorkerPast(TimeProvider time)
{
    /// <summary>Seconds that are asked for again: tasks that end while they are being told of change the last ones.</summary>
    private const int Late = 3;

    private readonly PulseSecond[] _seconds = new PulseSecond[ClusterFeed.Seconds];
    private long _taken = -1;

    /// <summary>Of the jobs that the worker has told of.</summary>
    public long Version { get; private set; }

    /// <summary>The last second, by the worker's clock.</summary>
    public long Last { get; private set; }

    /// <summary>How many seconds to ask for.</summary>
    public int Wanted => _taken < 0
        ? _seconds.Length : (int)Math.Min(_seconds.Length, Late + Math.Ceiling(time.GetElapsedTime(_taken).TotalSeconds));

    public void Take(Pulse pulse)
    {
        var shift = pulse.Second - Last;
        if (shift < 0 || shift >= _seconds.Length)
        {
            Array.Clear(_seconds);
        }
        else
        {
            Array.Copy(_seconds, shift, _seconds, 0, _seconds.Length - shift);
            Array.Clear(_seconds, _seconds.Length - (int)shift, (int)shift);
        }

        pulse.Seconds.CopyTo(_seconds, _seconds.Length - pulse.Seconds.Length);
        (Last, Version, _taken) = (pulse.Second, pulse.Version, time.GetTimestamp());
    }

    /// <summary>What the worker did in a second; nothing in one that is not known.</summary>
    public PulseSecond At(long second)
    {
        var at = second - Last + _seconds.Length - 1;
        return at >= 0 && at < _seconds.Length ? _seconds[at] : default;
    }
}
