namespace MicroSpark.Grains.Security;

/// <summary>
/// Admits each nonce once, and only near its time. Two generations of nonces are kept, each as long as the window, so memory is
/// bounded by the calls of two windows and nothing that the window still admits has been forgotten.
/// </summary>
internal sealed class ReplayGuard(TimeProvider time)
{
    /// <summary>How far the clocks of two machines may differ.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private HashSet<UInt128> _current = [];
    private HashSet<UInt128> _previous = [];
    private DateTimeOffset _turned = time.GetUtcNow();

    /// <summary>Null when it is new and timely, else why not.</summary>
    public string? Admit(long unixMilliseconds, ReadOnlySpan<byte> nonce)
    {
        var now = time.GetUtcNow();
        if (Math.Abs((double)now.ToUnixTimeMilliseconds() - unixMilliseconds) > Window.TotalMilliseconds)
        {
            return $"its time is more than {Window.TotalMinutes:0} min off this machine's clock; set both clocks";
        }

        var key = System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(nonce);
        lock (_lock)
        {
            // A proof may be up to one window ahead of this clock, hence it stays admissible for two.
            if (now - _turned >= 2 * Window)
            {
                (_previous, _current) = (_current, []);
                _turned = now;
            }

            return !_previous.Contains(key) && _current.Add(key) ? null : "it was seen before";
        }
    }
}
