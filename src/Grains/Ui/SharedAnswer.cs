namespace MicroSpark.Grains.Ui;

/// <summary>
/// One answer for all who ask within a moment, and one question under way, however many look. Nothing is asked while nobody does.
/// </summary>
/// <param name="fresh">How old an answer may be that is given again.</param>
internal sealed class SharedAnswer<T>(Func<Task<T>> ask, TimeSpan fresh, TimeProvider time)
    where T : class
{
    /// <summary>For what the page looks at all the time: so the silos are asked at most five times a second.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(200);

    private readonly SemaphoreSlim _turn = new(1);
    private long _asked;

    /// <summary>The newest one, of any age; null before the first.</summary>
    public T? Last { get; private set; }

    public async Task<T> GetAsync()
    {
        await _turn.WaitAsync();
        try
        {
            if (Last is null || time.GetElapsedTime(_asked) >= fresh)
            {
                Last = await ask();
                _asked = time.GetTimestamp();
            }

            return Last;
        }
        finally
        {
            _turn.Release();
        }
    }
}
