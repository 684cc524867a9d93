using MicroSpark.Grains.Contracts;

namespace MicroSpark.Grains.Stages;

/// <summary>
/// Which tasks of a set are far slower than their peers, so that their worker may be the reason. Peers are tasks that succeeded: one that
/// lost its input ends early and says nothing of how long the work takes. Never for stages with side effects.
/// </summary>
internal sealed class Stragglers(StageSpec stage)
{
    private const int FewestTasks = 4;
    private static readonly TimeSpan s_shortestLimit = TimeSpan.FromSeconds(1);

    private readonly List<long> _milliseconds = [];
    private int _tasks;
    private int _sorted;

    /// <summary>Whether enough have succeeded to judge the others.</summary>
    public bool MayBe =>
        stage.Policy.Speculation && !stage.SideEffects && !stage.Barrier && _tasks >= FewestTasks && _milliseconds.Count * 4 >= _tasks * 3;

    /// <summary>In milliseconds, of those that succeeded; null while none has.</summary>
    public double? Median
    {
        get
        {
            if (_milliseconds.Count == 0)
            {
                return null;
            }

            if (_sorted != _milliseconds.Count)
            {
                _milliseconds.Sort();
                _sorted = _milliseconds.Count;
            }

            return _milliseconds[_milliseconds.Count / 2];
        }
    }

    public TimeSpan MedianTime => TimeSpan.FromMilliseconds(Median ?? 0);

    public void Expect(int tasks) => _tasks = tasks;

    public void Succeeded(long milliseconds) => _milliseconds.Add(milliseconds);

    /// <param name="age">How long it has had a slot.</param>
    public bool IsSlow(TimeSpan age)
    {
        var limit = 3 * MedianTime;
        return age >= (limit > s_shortestLimit ? limit : s_shortestLimit);
    }
}
