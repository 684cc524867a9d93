using System.Net;

namespace MicroSpark.Grains.Security;

/// <summary>
/// One refusal a second for each address, and how many were left out since the last one. Addresses are remembered up to a bound; what comes
/// from others beyond it counts as one address, so that strangers with many of them fill neither memory nor the log.
/// </summary>
internal sealed class RefusalLimit(TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    public const int MostAddresses = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Seen> _seen = [];

    /// <summary>How many were not admitted before this one; null when this one is not.</summary>
    public int? Admit(EndPoint? peer)
    {
        var address = (peer as IPEndPoint)?.Address ?? IPAddress.None;
        var now = time.GetTimestamp();
        lock (_lock)
        {
            if (!_seen.ContainsKey(address) && _seen.Count >= MostAddresses)
            {
                Forget(now);
                address = _seen.Count >= MostAddresses ? IPAddress.None : address;
            }

            if (!_seen.TryGetValue(address, out var seen))
            {
                _seen[address] = new Seen(now, 0);
                return 0;
            }

            if (time.GetElapsedTime(seen.At, now) < Interval)
            {
                _seen[address] = seen with { LeftOut = seen.LeftOut + 1 };
                return null;
            }

            _seen[address] = new Seen(now, 0);
            return seen.LeftOut;
        }
    }

    private void Forget(long now)
    {
        foreach (var (address, seen) in _seen)
        {
            if (time.GetElapsedTime(seen.At, now) >= Interval)
            {
                _seen.Remove(address);
            }
        }
    }

    private readonly record struct Seen(long At, int LeftOut);
}
